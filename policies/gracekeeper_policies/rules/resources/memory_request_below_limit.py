"""The container may use more memory than is kept for it.

## What it does
Finds a container whose memory request is below its limit. A limit alone is also the request. Where the pod has a limit
of its own, the pod is compared. Init containers, which end, are left alone.

## Why it matters
The scheduler fills nodes by requests. What is used above the request is there only while the neighbours leave it; when
the node runs out of memory, the containers far above their requests are killed or evicted first.

## What to do
Request the whole limit, and set the limit at the highest use you measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_bytes
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STRICT, since="0.1")


def check(container: Container) -> Iterator[Finding]:
    """Compare what is kept with what may be used: of the pod, once, if it has a limit, else of the container."""
    workload = container.workload
    whole = workload.pod_resources
    if not whole.limits.get("memory"):
        if container.serves:
            yield from _compared(container.request("memory"), container.limit("memory"), container.path, "It")
    elif container is workload.containers[0]:
        asked = whole.requests.get("memory") or workload.together(lambda each: each.requests).get("memory")
        yield from _compared(asked, whole.limits["memory"], workload.pod_path, "Its pod")


def _compared(request: Fraction | None, limit: Fraction | None, path: Path, who: str) -> Iterator[Finding]:
    if request is None or limit is None or request >= limit:
        return
    at = (*path, "resources", "requests", "memory")
    kept, used = format_bytes(request), format_bytes(limit)
    yield Finding(
        at=at,
        message=f"{who} may use {used} of memory, but only {kept} are kept for it: when its node runs out, what it "
        "uses above that makes it one of the first to be killed.",
        remedies=(Set(at, used, "the limit"),),
        evidence=(
            Evidence("memory request", kept, "resources.requests.memory"),
            Evidence("memory limit", used, "resources.limits.memory"),
        ),
    )


BAD: Final[Mapping[str, str]] = {
    "a request of half the limit": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 256Mi}  # finding
            limits: {memory: 512Mi}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the limit is the request": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m}, limits: {cpu: 1, memory: 512Mi, ephemeral-storage: 1Gi}}
    """,
}
