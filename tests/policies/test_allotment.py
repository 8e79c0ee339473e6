"""What containers take together: the most at any time of the pod's life, as the scheduler adds it up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.allotment import is_divisible, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.workload import Workload

AMOUNTS = st.dictionaries(st.sampled_from(["cpu", "memory"]), st.integers(0, 100).map(Fraction))


def memory(amount: int) -> dict[str, Fraction]:
    """So much of memory."""
    return {"memory": Fraction(amount)}


def test_main_containers_run_side_by_side() -> None:
    """What they take is added up, resource by resource."""
    taken = together([memory(1), {"cpu": Fraction(2)}, memory(4)], [])
    assert {"memory": Fraction(5), "cpu": Fraction(2)} == taken


def test_init_containers_run_one_after_the_other() -> None:
    """Only the greatest of them counts, and only where it takes more than the main ones together."""
    assert memory(9) == together([memory(1), memory(4)], [(False, memory(9)), (False, memory(3))])
    assert memory(5) == together([memory(1), memory(4)], [(False, memory(2))])


def test_a_sidecar_counts_beside_all_that_starts_after_it() -> None:
    """Not beside what ended before it."""
    assert memory(12) == together([memory(1)], [(True, memory(5)), (False, memory(7))])
    assert memory(7) == together([memory(1)], [(False, memory(7)), (True, memory(5))])
    assert memory(6) == together([memory(1)], [(True, memory(5)), (False, memory(1))])


@given(st.lists(AMOUNTS, max_size=3), st.lists(st.tuples(st.booleans(), AMOUNTS), max_size=4))
def test_it_is_the_most_of_any_moment(running: list[Any], starting: list[Any]) -> None:
    """Each init container's turn is a moment, and the time when all main ones run is the last."""
    moments = [
        [*(taken for stays, taken in starting[:turn] if stays), starting[turn][1]] for turn in range(len(starting))
    ]
    moments.append([*(taken for stays, taken in starting if stays), *running])
    for resource in ("cpu", "memory"):
        most = max(sum(taken.get(resource, Fraction(0)) for taken in moment) for moment in moments)
        assert most == together(running, starting).get(resource, Fraction(0))


def test_a_pod_knows_what_its_containers_take_together(workload: Callable[..., Workload]) -> None:
    """A limit is the request that is missing; a native sidecar runs on."""
    pod = workload("""
        initContainers:
        - {name: migrate, resources: {requests: {memory: 3Gi}}}
        - {name: proxy, restartPolicy: Always, resources: {limits: {memory: 1Gi}}}
        containers:
        - {name: web, resources: {requests: {memory: 1Gi}, limits: {memory: 9Gi}}}
    """)
    assert memory(3 * 1024**3) == pod.together(lambda each: each.requests)


@pytest.mark.parametrize(
    ("resource", "divisible"),
    [
        ("cpu", True),
        ("memory", True),
        ("ephemeral-storage", True),
        ("hugepages-2Mi", False),
        ("nvidia.com/gpu", False),
        ("example.kubernetes.io/share", True),
    ],
)
def test_devices_and_huge_pages_are_taken_whole(resource: str, divisible: bool) -> None:
    """As `IsOvercommitAllowed` of the API server has it."""
    assert is_divisible(resource) is divisible
