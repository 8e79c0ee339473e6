"""What the containers of a pod take together, as the scheduler and the API server add it up.

Follows `AggregateContainerRequests` in `k8s.io/component-helpers/resource` (Kubernetes 1.36).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Amounts: TypeAlias = Mapping[str, Fraction]


def together(running: Iterable[Amounts], starting: Iterable[tuple[bool, Amounts]]) -> Amounts:
    """Add up `running` main containers and, in their order, those `starting` before them, which run one at a time.

    Each of these says whether it goes on running as a native sidecar. The most that is taken at any time counts.
    """
    beside: Amounts = {}
    most: Amounts = {}
    for stays, amounts in starting:
        now = _sum(beside, amounts)
        most = _maximum(most, now)
        beside = now if stays else beside
    for amounts in running:
        beside = _sum(beside, amounts)
    return _maximum(most, beside)


def _sum(one: Amounts, other: Amounts) -> Amounts:
    return {**one, **{name: one.get(name, Fraction(0)) + amount for name, amount in other.items()}}


def _maximum(one: Amounts, other: Amounts) -> Amounts:
    return {**one, **{name: max(one.get(name, amount), amount) for name, amount in other.items()}}


def is_divisible(resource: str) -> bool:
    """Tell whether a request may stay below its limit: not for huge pages, nor for what a device plugin offers."""
    native = "/" not in resource or "kubernetes.io/" in resource
    return native and not resource.startswith("hugepages-")
