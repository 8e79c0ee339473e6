"""Nothing bounds how much memory the container takes.

## What it does
Finds a container without a memory limit of its own, of its pod, or of a LimitRange in sight. Init containers, which
end, are left alone.

## Why it matters
A leak or an unbounded cache does not end its own pod but takes the node down, and the neighbours that behave with it.

## What to do
Set a limit above the highest use you measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_bytes
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")
_START: Final = "512Mi"


def check(container: Container) -> Iterator[Finding]:
    """Look for a limit at every place that could set one."""
    if not container.serves or container.limit("memory") is not None:
        return
    path = (*container.path, "resources", "limits", "memory")
    yield Finding(
        at=path,
        message="Nothing bounds its memory: a leak or an unbounded cache takes the node down, and its neighbours "
        "with it.",
        remedies=(_remedy(container, path),),
        evidence=(Evidence("memory limit", "none", "container, pod and every LimitRange in sight"),),
    )


def _remedy(container: Container, path: Path) -> Set | Advice:
    request = container.request("memory")
    if request:
        return Set(path, format_bytes(request), "what it requests; raise it to the highest use you measured")
    if container.has_device:
        return Advice("set resources.limits.memory above the highest use you measured, loading its model included")
    return Set(path, _START, "a start; raise it to what you measure")


BAD: Final[Mapping[str, str]] = {
    "a request alone bounds nothing": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {memory: 256Mi}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a limit": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m}, limits: {memory: 512Mi}}
    """,
    "the pod's own limit bounds its containers": """
        resources: {requests: {cpu: 200m}, limits: {memory: 1Gi}}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
