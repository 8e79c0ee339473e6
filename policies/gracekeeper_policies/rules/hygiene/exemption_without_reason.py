"""An annotation asks for an exemption and gives no reason.

## What it does
Looks for entries of `gracekeeper.dev/exempt` that name a rule and nothing else. Such an entry silences nothing.

## Why it matters
The author believes that the rule is silent. And who comes later cannot tell whether the exemption still holds, if
nobody wrote down why it was granted.

## What to do
Write the reason behind a colon: `RULE: reason`. Several exemptions stand between semicolons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.exemption import EXEMPT, without_reason
from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import spoken
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.workload import Workload

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")


def check(workload: Workload) -> Iterator[Finding]:
    """Read the annotations of the workload and of its pods."""
    for annotation, rule in without_reason(workload):
        name = spoken(rule)
        yield Finding(
            annotation.path,
            f"The exemption from {name} gives no reason, so it silences nothing.",
            (Advice(f"write `{name}: reason`"), Advice("take the entry out")),
            evidence=(Evidence("entry", name, EXEMPT),),
        )


BAD: Final[Mapping[str, str]] = {
    "only the rule is named": """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          annotations:
            gracekeeper.dev/exempt: image-tag-mutable  # finding
        spec:
          containers:
          - {name: web, image: "shop/web", command: [gunicorn, --graceful-timeout=20, "app:app"]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the reason stands behind a colon": """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          annotations:
            gracekeeper.dev/exempt: "image-tag-mutable: the registry moves in spring"
        spec:
          containers:
          - {name: web, image: "shop/web", command: [gunicorn, --graceful-timeout=20, "app:app"]}
    """,
}
