"""The scheduler does not know how much memory the container needs.

## What it does
Finds a container for which neither a memory request nor a limit is set, on itself, its pod or by a LimitRange in
sight. A limit alone is enough: Kubernetes takes it as the request. Init containers, which end, are left alone.

## Why it matters
The scheduler places the pod as if it used no memory, on a node that may have none left; under pressure it is among the
first to be evicted.

## What to do
Request what the container uses in an ordinary hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")


def check(container: Container) -> Iterator[Finding]:
    """Look for a request at every place that could set one."""
    if not container.serves or container.request("memory") is not None:
        return
    path = (*container.path, "resources", "requests", "memory")
    yield Finding(
        at=path,
        message="It requests no memory: the scheduler places it as if it used no memory, and under pressure it is "
        "among the first to be evicted.",
        remedies=(
            Advice("set resources.requests.memory to what it uses in an ordinary hour")
            if container.has_device
            else Set(path, "256Mi", "a start; correct it to what it uses in an ordinary hour"),
        ),
        evidence=(Evidence("memory request", "none", "container, pod and every LimitRange in sight"),),
    )


BAD: Final[Mapping[str, str]] = {
    "neither request nor limit": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m}}  # finding
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
