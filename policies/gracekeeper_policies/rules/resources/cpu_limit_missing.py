"""Nothing bounds how much CPU the container takes.

## What it does
Finds a container without a CPU limit of its own, of its pod, or of a LimitRange in sight. Init containers, which end,
are left alone. Limits are disputed, since they slow a container down on an idle node too: so only the strict profile
asks for one.

## Why it matters
Without a limit the container's speed is that of a node which happens to be idle. What was measured there does not hold
on the day when the neighbours work too; libraries that count the node's processors start a thread on each.

## What to do
Set a limit at the most it uses in a busy minute, and measure with it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_cpu
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STRICT, since="0.1")
_START: Final = Fraction(1)


def check(container: Container) -> Iterator[Finding]:
    """Look for a limit at every place that could set one."""
    if not container.serves or container.limit("cpu") is not None:
        return
    path = (*container.path, "resources", "limits", "cpu")
    yield Finding(
        at=path,
        message="Nothing bounds its CPU: it takes what its node has left, and is as fast as its neighbours let it be.",
        remedies=(_remedy(container, path),),
        evidence=(Evidence("CPU limit", "none", "container, pod and every LimitRange in sight"),),
    )


def _remedy(container: Container, path: Path) -> Set | Advice:
    request = container.request("cpu")
    if container.has_device and not request:
        return Advice("set resources.limits.cpu to what it uses in a busy minute")
    return Set(path, format_cpu(max(request or _START, _START)), "a start; raise it to what it uses in a busy minute")


BAD: Final[Mapping[str, str]] = {
    "a request alone bounds nothing": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m}, limits: {memory: 512Mi, ephemeral-storage: 1Gi}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a limit": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m}, limits: {cpu: 1, memory: 512Mi, ephemeral-storage: 1Gi}}
    """,
}
