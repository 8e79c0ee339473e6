"""The scheduler does not know how much CPU the container needs.

## What it does
Finds a container for which neither a CPU request nor a limit is set, on itself, its pod or by a LimitRange in sight. A
limit alone is enough: Kubernetes takes it as the request. Init containers, which end, are left alone.

## Why it matters
The scheduler places the pod as if it used no CPU, and on a busy node it gets the smallest share.

## What to do
Request what the container uses in an ordinary hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")


def check(container: Container) -> Iterator[Finding]:
    """Look for a request at every place that could set one."""
    if not container.serves or container.request("cpu") is not None:
        return
    path = (*container.path, "resources", "requests", "cpu")
    yield Finding(
        at=path,
        message="It requests no CPU: the scheduler places it as if it used no CPU, and on a busy node it gets the "
        "smallest share.",
        remedies=(Set(path, "100m", "a start; correct it to what it uses in an ordinary hour"),),
        evidence=(Evidence("CPU request", "none", "container, pod and every LimitRange in sight"),),
    )


BAD: Final[Mapping[str, str]] = {
    "neither request nor limit": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {memory: 256Mi}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a request": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}
    """,
    "a limit counts as the request": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {limits: {cpu: 500m, memory: 512Mi}}
    """,
}
