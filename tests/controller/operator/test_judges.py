"""The judge of a namespace is kept ready until something that it rests on changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from gracekeeper.operator import judges as module
from gracekeeper.operator.cluster import NEIGHBOURS, Cluster
from gracekeeper.operator.judges import Judges
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from gracekeeper_policies.policy import STANDARD, GracePolicy, Updates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    Judged = Callable[..., Judges]

SERVICES = next(kind for kind in NEIGHBOURS if kind.name == "Service")


class Changing:
    """Policies that change."""

    exceptions: Sequence[Any] = ()

    def __init__(self, policies: Sequence[GracePolicy]) -> None:
        """They hold in every namespace."""
        self.policies = policies
        self.holds = self

    def in_force(self, _namespace: str) -> Changing:
        """What holds now."""
        return self.holds


def test_the_same_judge_speaks_until_something_changes(judges: Judged) -> None:
    """To make one costs more than to judge with one."""
    made = judges()
    assert made.of("shop") is made.of("shop")
    assert made.of("shop") is not made.of("bank")


def test_a_new_neighbour_calls_a_new_judge_there_alone(judges: Judged) -> None:
    """What stands beside a workload decides."""
    cluster = Cluster()
    made = judges(cluster=cluster)
    shop, bank = made.of("shop"), made.of("bank")
    cluster.put(SERVICES, Document({"metadata": {"name": "web", "namespace": "shop"}}))
    assert made.of("shop") is not shop
    assert made.of("bank") is bank


def test_a_new_policy_calls_a_new_judge() -> None:
    """A change of a policy holds for the next review."""
    policies = Changing((STANDARD,))
    made = Judges(Cluster(), policies, RULES, lambda: date(2026, 11, 22))
    before = made.of("shop")
    policies.holds = Changing((STANDARD,))
    assert made.of("shop") is not before


def test_a_new_day_calls_a_new_judge() -> None:
    """Exceptions end at midnight, UTC."""
    days = iter([date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 23)])
    made = Judges(Cluster(), Changing((STANDARD,)), RULES, lambda: next(days))
    first, second, third = made.of("shop"), made.of("shop"), made.of("shop")
    assert first is second
    assert first is not third


def test_only_so_many_are_kept(judges: Judged, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster may have thousands of namespaces; those that nobody deploys to cost nothing."""
    monkeypatch.setattr(module, "KEPT", 2)
    made = judges()
    kept, first = made.of("a"), made.of("b")
    assert made.of("a") is kept
    made.of("c")
    assert made.of("a") is kept
    assert made.of("b") is not first


def test_who_knows_no_yesterday_is_asked_apart(judges: Judged) -> None:
    """Policies that judge the whole of an update deny for what they find themselves."""
    strict = GracePolicy("strict", updates=Updates.ENFORCE)
    judge = judges(STANDARD, strict).of("shop")
    assert judge.unforgiving is not None
    assert [each.policy.name for each in judge.unforgiving.applications] == ["strict"]
    assert judges(STANDARD).of("shop").unforgiving is None
