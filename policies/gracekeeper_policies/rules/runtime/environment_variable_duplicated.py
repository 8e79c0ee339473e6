"""A variable is set twice in one container.

## What it does
Finds a name that stands more than once in the `env` of a container.

## Why it matters
The last one wins, but `kubectl apply` merges by name and edits the first: a changed value has no effect, and nothing
says so. Server-side apply refuses the manifest.

## What to do
Keep one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Related, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",),
)


def check(container: Container) -> Iterator[Finding]:
    """Look for names that come again."""
    names = [entry.name for entry in container.spec.env]
    if len(set(names)) == len(names):
        return
    for name in dict.fromkeys(names):
        places = [number for number, other in enumerate(names) if other == name]
        if len(places) > 1:
            yield _finding(container, name, places)


def _finding(container: Container, name: str, places: list[int]) -> Finding:
    first, last = ((*container.path, "env", number) for number in (places[0], places[-1]))
    return Finding(
        at=first,
        message=f"{name} is set {len(places)} times: the last one wins, but kubectl apply edits the first, so a change "
        "of it has no effect; server-side apply refuses the manifest.",
        remedies=(Remove(first, "the container runs with the last one", f"the first {name} from env"),),
        evidence=(Evidence(name, f"entries {', '.join(str(number + 1) for number in places)}", "env"),),
        related=(Related(container.workload.document, last, f"{name} again: this one wins"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a level that is not the one that is logged": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - {name: LOG_LEVEL, value: debug}  # finding
          - {name: WORKERS, value: "2"}
          - {name: LOG_LEVEL, value: info}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "each name once": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - {name: LOG_LEVEL, value: info}
          - {name: WORKERS, value: "2"}
    """,
}
