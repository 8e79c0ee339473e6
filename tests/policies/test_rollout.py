"""Rollouts: how many pods live at once while a new version replaces an old one, rounded as Kubernetes rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from gracekeeper_policies.boundary import typed
from gracekeeper_policies.controllerspec import ControllerSpec
from gracekeeper_policies.rollout import Rollout, rollout_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.workload import Workload


def rolled(kind: str, replicas: int, **spec: object) -> tuple[int, int] | None:
    """The surge and what may be missing."""
    rollout = rollout_of(kind, typed(ControllerSpec, spec), replicas)
    return (rollout.surge, rollout.unavailable) if rollout else None


@pytest.mark.parametrize(("replicas", "expected"), [(0, (0, 0)), (1, (1, 0)), (3, (1, 0)), (4, (1, 1)), (10, (3, 2))])
def test_a_deployment_surges_by_a_quarter(replicas: int, expected: tuple[int, int]) -> None:
    """The surge is rounded up and the gap down: a single pod has company for a while."""
    assert expected == rolled("Deployment", replicas)


@pytest.mark.parametrize(
    ("surge", "unavailable", "expected"),
    [(0, 0, (0, 1)), ("0%", "10%", (0, 1)), (0, 9, (0, 4)), ("100%", "0%", (4, 0)), (2, "50%", (2, 2))],
)
def test_a_rolling_update_never_stands_still(surge: int | str, unavailable: int | str, expected: object) -> None:
    """Where both come to nothing one pod may be missing, and never more than there are."""
    update = {"maxSurge": surge, "maxUnavailable": unavailable}
    assert expected == rolled("Deployment", 4, strategy={"type": "RollingUpdate", "rollingUpdate": update})


def test_recreate_takes_all_away_first() -> None:
    """No two versions live at once."""
    assert (0, 3) == rolled("Deployment", 3, strategy={"type": "Recreate"})


def test_a_stateful_set_replaces_one_pod_after_the_other() -> None:
    """The old pod is gone before the new one starts; with OnDelete nothing is replaced."""
    assert (0, 1) == rolled("StatefulSet", 3)
    assert rolled("StatefulSet", 3, updateStrategy={"type": "OnDelete"}) is None


@pytest.mark.parametrize(("partition", "expected"), [(0, 1), (2, 1), (3, 0), (9, 0)])
def test_behind_its_partition_a_stateful_set_replaces_nothing(partition: int, expected: int) -> None:
    """Only the pods from that number on are new."""
    assert (0, expected) == rolled("StatefulSet", 3, updateStrategy={"rollingUpdate": {"partition": partition}})


@pytest.mark.parametrize("kind", ["Pod", "ReplicaSet", "DaemonSet", "Job", "CronJob"])
def test_other_kinds_roll_nothing_out_in_whole_pods(kind: str) -> None:
    """Their pods are replaced by somebody else, or one per node."""
    assert rolled(kind, 1) is None


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [({}, (1, 0)), ({"canary": {"maxSurge": 0, "maxUnavailable": 1}}, (0, 1)), ({"blueGreen": {}}, (2, 0))],
)
def test_argos_strategies_count_too(strategy: dict[str, object], expected: tuple[int, int]) -> None:
    """A canary rolls as a Deployment does; blue-green runs the whole new version beside the old one."""
    assert expected == rolled("Rollout", 2, strategy=strategy)


@pytest.mark.parametrize("portion", ["1", "a quarter", "25 %", "-5%", "%", True])
def test_what_is_no_portion_is_refused(portion: object) -> None:
    """As the API server refuses it."""
    with pytest.raises(ValidationError):
        typed(ControllerSpec, {"strategy": {"rollingUpdate": {"maxSurge": portion}}})


def test_a_workload_knows_its_rollout(workload: Callable[[str], Workload]) -> None:
    """With one replica where nothing is said."""
    web = workload("containers: [{name: web}]")
    assert 1 == web.replicas
    assert Rollout(("spec", "strategy", "rollingUpdate"), 1, 0) == web.rollout


PORTIONS = st.integers(0, 200) | st.integers(0, 200).map(lambda percent: f"{percent}%")


@given(st.integers(1, 1000), PORTIONS, PORTIONS)
def test_a_rollout_always_gets_on(replicas: int, surge: int | str, unavailable: int | str) -> None:
    """Something is added or taken away, and never more is missing than there is."""
    update = {"maxSurge": surge, "maxUnavailable": unavailable}
    found = rolled("Deployment", replicas, strategy={"rollingUpdate": update})
    assert found is not None
    assert sum(found) > 0
    assert 0 <= found[1] <= replicas
