"""Nothing bounds what the container writes to its node's disk.

## What it does
Finds a container without a limit for `ephemeral-storage` of its own or of a LimitRange in sight. Init containers, which
end, are left alone.

## Why it matters
Logs, temporary files and everything written into the container's own file system fill the node's disk. When it is full,
the node evicts pods, with one second to stop, and those of the neighbours too.

## What to do
Set a limit above what it writes between two rotations of its log; whoever exceeds it is evicted alone.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_bytes
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STRICT, since="0.1")
_RESOURCE: Final = "ephemeral-storage"
_START: Final = Fraction(2**30)


def check(container: Container) -> Iterator[Finding]:
    """Look for a limit at every place that could set one."""
    if not container.serves or container.limit(_RESOURCE) is not None:
        return
    path = (*container.path, "resources", "limits", _RESOURCE)
    yield Finding(
        at=path,
        message="Nothing bounds what it writes to its node's disk: logs and temporary files fill it, and the node "
        "evicts its neighbours too.",
        remedies=(_remedy(container, path),),
        evidence=(Evidence("ephemeral-storage limit", "none", "container and every LimitRange in sight"),),
    )


def _remedy(container: Container, path: Path) -> Set | Advice:
    request = container.request(_RESOURCE)
    if container.has_device and not request:
        return Advice("set resources.limits.ephemeral-storage above what it writes, the models it downloads included")
    # A limit below the request is refused.
    value = format_bytes(max(request or _START, _START))
    return Set(path, value, "a start; raise it to what it writes between two rotations of its log")


BAD: Final[Mapping[str, str]] = {
    "limits for memory and CPU alone": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {limits: {cpu: 1, memory: 512Mi}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a limit": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {limits: {cpu: 1, memory: 512Mi, ephemeral-storage: 1Gi}}
    """,
}
