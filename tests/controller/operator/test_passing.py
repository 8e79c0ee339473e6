"""Requests that change nothing that runs, or whose workload was judged before, pass without a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper.operator.passing import Passing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.operator.review import Review

    Values = dict[str, Any]
    Reviewed = Callable[..., Review]

CONTROLLER = "system:serviceaccount:kube-system:replicaset-controller"


@pytest.fixture
def passing() -> Passing:
    """What holds in a cluster without settings of its own, and with Argo's Rollouts."""
    kinds = {("apps", "ReplicaSet"), ("apps", "Deployment")}
    return Passing(("system:serviceaccount:kube-system:*-controller",), kinds, {"argoproj.io"})


def pod(owner: tuple[str, str] | None = None, *, controller: bool = True, **metadata: object) -> Values:
    """A pod, of an owner with this version and kind if there is one."""
    owners = [{"apiVersion": owner[0], "kind": owner[1], "name": "web", "controller": controller}] if owner else []
    return {"kind": "Pod", "metadata": {"name": "web", "ownerReferences": owners, **metadata}, "spec": {}}


def test_what_somebody_creates_is_judged(passing: Passing, reviewed: Reviewed) -> None:
    """A pod of its own has nobody who was judged for it."""
    assert passing.reason(reviewed(pod())) == ""


def test_a_pod_that_its_controller_makes_was_judged_with_its_workload(passing: Passing, reviewed: Reviewed) -> None:
    """One verdict for a Deployment, not one more for each of its ReplicaSets and pods."""
    made = pod(("apps/v1", "ReplicaSet"))
    reason = passing.reason(reviewed(made, user=CONTROLLER))
    assert reason == "is made by the controller of a workload that is judged itself"


def test_an_owner_that_anybody_wrote_counts_for_nothing(passing: Passing, reviewed: Reviewed) -> None:
    """OwnerReferences can be forged; who sends the request cannot."""
    assert passing.reason(reviewed(pod(("apps/v1", "ReplicaSet")), user="mallory")) == ""


@pytest.mark.parametrize(
    "owned",
    [
        pytest.param(pod(("example.com/v1", "Worker")), id="an owner that nobody judges"),
        pytest.param(pod(("apps/v1", "ReplicaSet"), controller=False), id="an owner that does not control it"),
        pytest.param(pod(("v1", "ReplicaSet")), id="a kind of that name in another group"),
        pytest.param(pod(), id="no owner"),
    ],
)
def test_a_controller_is_trusted_only_for_what_was_judged(owned: Values, passing: Passing, reviewed: Reviewed) -> None:
    """Else a kind that nobody judges would be the way around every policy."""
    assert passing.reason(reviewed(owned, user=CONTROLLER)) == ""


def test_the_owner_may_be_of_a_kind_that_settings_add(passing: Passing, reviewed: Reviewed) -> None:
    """A ReplicaSet of a Rollout is made by Argo's controller, if the settings trust it."""
    owned = pod(("argoproj.io/v1alpha1", "Rollout"))
    assert passing.reason(reviewed(owned, user=CONTROLLER)) != ""


def test_a_mirror_pod_runs_already(passing: Passing, reviewed: Reviewed) -> None:
    """The kubelet only shows what its node's manifests started; denying that would hide it."""
    mirror = pod(annotations={"kubernetes.io/config.mirror": "abc"})
    assert passing.reason(reviewed(mirror, user="system:node:one")) == "mirrors a pod that runs already"
    assert passing.reason(reviewed(mirror, user="mallory")) == ""


def test_what_is_being_deleted_is_let_go(passing: Passing, reviewed: Reviewed, deployment: Values) -> None:
    """Whoever removes a finalizer must not be told to mend first."""
    deployment["metadata"]["deletionTimestamp"] = "2026-11-22T10:00:00Z"
    assert passing.reason(reviewed(deployment, {**deployment, "spec": {}})) == "is being deleted"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"metadata": {"name": "web", "labels": {"team": "shop"}}}, id="a label"),
        pytest.param({"metadata": {"name": "web", "annotations": {"example.com/a": "b"}}}, id="a foreign annotation"),
        pytest.param({"metadata": {"name": "web", "managedFields": [{}]}}, id="whose fields they are"),
        pytest.param({"status": {"replicas": 2}}, id="the status"),
    ],
)
def test_an_update_of_nothing_that_runs_passes(
    change: Values, passing: Passing, reviewed: Reviewed, deployment: Values
) -> None:
    """Controllers write such updates all day."""
    assert passing.reason(reviewed(deployment | change, deployment)) == "changes nothing that runs"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"spec": {"replicas": 1}}, id="the specification"),
        pytest.param({"metadata": {"annotations": {"gracekeeper.dev/exempt": "x: y"}}}, id="an exemption"),
        pytest.param({"template": {"spec": {}}}, id="a template elsewhere"),
    ],
)
def test_an_update_that_a_verdict_depends_on_is_judged(
    change: Values, passing: Passing, reviewed: Reviewed, deployment: Values
) -> None:
    """What runs, and what was declared of it."""
    assert passing.reason(reviewed(deployment | change, deployment)) == ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"operation": "DELETE"}, "runs nothing new"),
        ({"operation": "CONNECT", "subResource": "exec"}, "runs nothing new"),
        ({"subResource": "scale"}, "runs nothing new"),
        ({"subResource": "ephemeralcontainers"}, ""),
        ({"subResource": "resize"}, ""),
    ],
)
def test_only_what_changes_a_process_is_judged(
    fields: Values, reason: str, passing: Passing, reviewed: Reviewed, deployment: Values
) -> None:
    """A subresource that adds a container or changes its resources does; a scale names no container at all."""
    assert passing.reason(reviewed(deployment, **fields)) == reason


def test_a_review_of_odd_values_is_judged_rather_than_failed_on(passing: Passing, reviewed: Reviewed) -> None:
    """Whatever stands where something else belongs is not a reason to pass."""
    assert passing.reason(reviewed({"metadata": {"ownerReferences": ["a", 1], "annotations": "b"}})) == ""
    assert passing.reason(reviewed(None)) == ""
