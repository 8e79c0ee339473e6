"""More is requested than the limit allows.

## What it does
Compares requests with limits as the API server does: of each container, of the pod, of a container with its pod, and of
all containers together with their pod. Huge pages and devices cannot be shared: their request equals their limit.

## Why it matters
The API server refuses the manifest, or each pod that its controller tries to make: nothing runs, and nothing is rolled
out.

## What to do
Lower the request, or raise the limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.allotment import is_divisible
from gracekeeper_policies.container import Role
from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_amount
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.podspec import Resources
    from gracekeeper_policies.workload import Workload

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")
_MANIFEST: Final = "the API server refuses the manifest"
_PODS: Final = "the API server refuses its pods"


def check(container: Container) -> Iterator[Finding]:
    """Compare within the container, with its pod and, once for all containers, within the pod."""
    whole, path = container.workload.pod_resources, (*container.path, "resources")
    if container.spec.resources.requests:
        yield from _within(container.spec.resources, path)
        yield from _above_range(container, path)
    if container.role is Role.MAIN and whole.limits:
        yield from _above_pod(container, whole, path)
    if (whole.limits or whole.requests) and container is container.workload.containers[0]:
        yield from _within(whole, (*container.workload.pod_path, "resources"))
        yield from _all_above_pod(container.workload, whole)


def _within(resources: Resources, path: Path) -> Iterator[Finding]:
    for name, request in resources.requests.items():
        limit = resources.limits.get(name)
        if limit is not None and (request > limit if is_divisible(name) else request != limit):
            known = "at most" if is_divisible(name) else "exactly"
            message = f"It requests {_said(name, request)} where {known} {_said(name, limit)} is allowed: {_MANIFEST}."
            remedies = (_set(path, "requests", name, limit), _set(path, "limits", name, request))
            yield _finding((*path, "requests", name), message, name, request, limit, remedies)
        elif limit is None and not is_divisible(name) and request:
            message = f"It requests {_said(name, request)} without a limit, but {name} cannot be shared: {_MANIFEST}."
            yield _finding(
                (*path, "requests", name), message, name, request, None, (_set(path, "limits", name, request),)
            )


def _above_range(container: Container, path: Path) -> Iterator[Finding]:
    given = container.workload.limit_range.limits
    for name, request in container.spec.resources.requests.items() if given else ():
        limit = None if name in container.spec.resources.limits else given.get(name)
        if limit is not None and request > limit:
            message = (
                f"It requests {_said(name, request)}, but a LimitRange limits it to {_said(name, limit)}: {_PODS}."
            )
            remedies = (_set(path, "limits", name, request), _set(path, "requests", name, limit))
            yield _finding((*path, "requests", name), message, name, request, limit, remedies)


def _above_pod(container: Container, whole: Resources, path: Path) -> Iterator[Finding]:
    for name, own in container.spec.resources.limits.items():
        limit = whole.limits.get(name)
        if limit is not None and own > limit:
            message = f"Its limit is {_said(name, own)}, but that of its pod {_said(name, limit)}: {_MANIFEST}."
            remedies = (_set(path, "limits", name, limit),)
            yield _finding((*path, "limits", name), message, name, own, limit, remedies)


def _all_above_pod(workload: Workload, whole: Resources) -> Iterator[Finding]:
    path = (*workload.pod_path, "resources")
    for name, requested in workload.together(lambda each: each.requests).items():
        field = "requests" if name in whole.requests else "limits"
        given = whole.requests.get(name, whole.limits.get(name))
        if given is not None and requested > given:
            total = f"Its containers request {_said(name, requested)} together"
            message = f"{total}, but the pod has {_said(name, given)} ({field}): {_PODS}."
            both = field == "requests" and whole.limits.get(name, requested) < requested
            remedy = Set((*path, field, name), format_amount(name, requested), "as its limit too" if both else "")
            yield _finding((*path, field, name), message, name, requested, given, (remedy,))


def _said(resource: str, amount: Fraction) -> str:
    return f"{format_amount(resource, amount)} of {resource}"


def _set(path: Path, field: str, resource: str, amount: Fraction) -> Set:
    return Set((*path, field, resource), format_amount(resource, amount))


def _finding(
    at: Path, message: str, name: str, request: Fraction, limit: Fraction | None, remedies: tuple[Set, ...]
) -> Finding:
    told = "none" if limit is None else format_amount(name, limit)
    evidence = (Evidence("asked for", format_amount(name, request), name), Evidence("allowed", told, name))
    return Finding(at=at, message=message, remedies=remedies, evidence=evidence)


BAD: Final[Mapping[str, str]] = {
    "the request was raised, the limit was not": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 1Gi}  # finding
            limits: {memory: 512Mi}
    """,
    "a device that is requested without a limit": """
        containers:
        - name: model
          image: shop/model:1.4.2
          resources:
            requests: {cpu: 4, nvidia.com/gpu: 1}  # finding
            limits: {memory: 16Gi}
    """,
    "two containers request more than their pod has": """
        resources: {requests: {memory: 1Gi}, limits: {memory: 2Gi}}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2", resources: {requests: {memory: 768Mi}}}
        - {name: proxy, image: "shop/proxy:2.1.0", resources: {requests: {memory: 512Mi}}}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the limit is above the request": """
        containers:
        - name: web
          image: shop/web:1.4.2
          resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 512Mi}}
    """,
    "a device with its limit": """
        containers:
        - name: model
          image: shop/model:1.4.2
          resources: {requests: {cpu: 4}, limits: {memory: 16Gi, nvidia.com/gpu: 1}}
    """,
}
