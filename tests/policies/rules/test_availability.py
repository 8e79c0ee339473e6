"""The rules on availability: replicas, rollouts, budgets, and who sets their numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.finding import Set
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import Neighbours, neighbours_among
from gracekeeper_policies.policy import GracePolicy, Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.document import Document
    from gracekeeper_policies.verdict import Ruling, Verdict

SERVER = "[gunicorn, 'app:app']"
WORKER = "[celery, -A, shop, worker]"
WORKLOAD = """\
apiVersion: {group}
kind: {kind}
metadata: {{name: web, namespace: shop}}
spec:
  {written}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, tier: front}}}}
    spec: {{containers: [{{name: web, image: "shop/web:1", command: {command}}}]}}
"""
SCALER = """
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web, namespace: shop}}
spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: {least}, maxReplicas: 9}}
"""
BUDGET = """
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {{matchLabels: {{{labels}}}}}, {part}}}
"""


def manifest(written: str = "replicas: 3", kind: str = "Deployment", command: str = SERVER, beside: str = "") -> str:
    """A workload with what its controller says, field by field behind `; `, and what stands beside it."""
    group = "argoproj.io/v1alpha1" if kind == "Rollout" else "v1" if kind == "ReplicationController" else "apps/v1"
    return WORKLOAD.format(group=group, kind=kind, written=written.replace("; ", "\n  "), command=command) + beside


def budget(part: str, labels: str = "app: web", name: str = "web") -> str:
    """A budget for pods with these labels."""
    return BUDGET.format(name=name, labels=labels, part=part)


@pytest.fixture
def certainty(verdict: Callable[..., Verdict]) -> Callable[..., str]:
    """Whether a rule finds something in a manifest: `proven`, `suspected`, or empty."""

    def _certainty(rule: str, text: str) -> str:
        return " ".join(each.finding.certainty.value for each in verdict(text).rulings if each.rule.id == rule)

    return _certainty


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("strategy: {type: Recreate}", "proven"),
        ("replicas: 3; strategy: {type: Recreate}", "proven"),
        ("replicas: 0; strategy: {type: Recreate}", ""),
        ("replicas: 3; strategy: {rollingUpdate: {maxUnavailable: 3}}", "proven"),
        ("replicas: 3; strategy: {rollingUpdate: {maxUnavailable: 100%}}", "proven"),
        ("replicas: 3; strategy: {rollingUpdate: {maxUnavailable: 99%}}", ""),
        ("replicas: 3; strategy: {rollingUpdate: {maxUnavailable: 2}}", ""),
        ("strategy: {rollingUpdate: {maxUnavailable: 1}}", "suspected"),
        ("strategy: {rollingUpdate: {maxUnavailable: 50%, maxSurge: 0}}", "suspected"),
        ("replicas: 1", ""),
    ],
)
def test_a_rollout_may_take_all_replicas_down(certainty: Callable[..., str], written: str, expected: str) -> None:
    """Recreate whatever their number; else as rounded, and of one that an autoscaler may raise it is a suspicion."""
    assert expected == certainty("rollout-drops-capacity", manifest(written))


@pytest.mark.parametrize(("least", "expected"), [(1, "proven"), (2, "")])
def test_an_autoscaler_in_sight_tells_the_least_number(
    certainty: Callable[..., str], least: int, expected: str
) -> None:
    """Then nothing is left to suspect."""
    text = manifest("strategy: {rollingUpdate: {maxUnavailable: 1}}", beside=SCALER.format(least=least))
    assert expected == certainty("rollout-drops-capacity", text)
    assert expected == certainty("single-replica", text)


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("StatefulSet", "replicas: 1", "suspected"),
        ("StatefulSet", "replicas: 2", ""),
        ("StatefulSet", "updateStrategy: {type: OnDelete}", ""),
        ("StatefulSet", "updateStrategy: {rollingUpdate: {partition: 1}}", ""),
        ("DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}", ""),
        ("Rollout", "strategy: {canary: {maxUnavailable: 100%}}", ""),
        ("Rollout", "strategy: {blueGreen: {}}", ""),
        ("ReplicaSet", "replicas: 1", ""),
    ],
)
def test_other_kinds_roll_out_in_their_own_way(
    certainty: Callable[..., str], kind: str, written: str, expected: str
) -> None:
    """A StatefulSet goes one by one; of Argo's Rollout and of DaemonSets nothing is claimed."""
    assert expected == certainty("rollout-drops-capacity", manifest(written, kind))


@pytest.mark.parametrize("rule", ["rollout-drops-capacity", "single-replica", "disruption-budget-missing"])
@pytest.mark.parametrize("command", [WORKER, "[python, app.py]", "[./start.sh]"])
@pytest.mark.parametrize("written", ["replicas: 1; strategy: {type: Recreate}", "replicas: 3"])
def test_only_servers_have_capacity_to_lose(
    certainty: Callable[..., str], rule: str, command: str, written: str
) -> None:
    """Workers catch up later; of a program that is not known to serve nothing is claimed."""
    assert certainty(rule, manifest(written, command=command)) == ""


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("Deployment", "replicas: 1", "suspected"),
        ("Deployment", "paused: false", "suspected"),
        ("Deployment", "replicas: 2", ""),
        ("Deployment", "replicas: 0", ""),
        ("StatefulSet", "replicas: 1", "suspected"),
        ("Rollout", "replicas: 1", "suspected"),
        ("DaemonSet", "minReadySeconds: 1", ""),
    ],
)
def test_one_replica_is_one_too_few(certainty: Callable[..., str], kind: str, written: str, expected: str) -> None:
    """A DaemonSet runs on every node."""
    assert expected == certainty("single-replica", manifest(written, kind))


def test_a_second_flower_would_not_take_over(certainty: Callable[..., str]) -> None:
    """Each shows only what it saw itself, so one is enough; that a rollout takes it down is said all the same."""
    text = manifest("replicas: 1; strategy: {type: Recreate}", command="[celery, -A, shop, flower]")
    assert certainty("single-replica", text) == ""
    assert "proven" == certainty("rollout-drops-capacity", text)


def test_where_all_neighbours_are_known_nothing_is_suspected(
    manifests: Callable[[str], list[Document]],
) -> None:
    """A missing autoscaler, and a missing budget, are then facts."""
    told = {}
    for written in ("replicas: 1", "replicas: 3"):
        service = "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
        documents = manifests(manifest(written, beside=service + "spec: {selector: {app: web}, ports: [{port: 80}]}"))
        seen, _ = neighbours_among(documents)
        found = judged(documents, Neighbours(services=seen.services, complete=True))
        told[written] = [(each.rule.id, each.finding.doubt) for each in found if each.rule.concern == "availability"]
    assert {
        "replicas: 1": [("single-replica", "")],
        "replicas: 3": [("disruption-budget-missing", "")],
    } == told


def judged(documents: list[Document], neighbours: Neighbours) -> tuple[Ruling, ...]:
    """What all rules find in one document among these neighbours."""
    policy = GracePolicy(profile=Profile.STRICT)
    return judge(documents[:1], policies=[policy], rules=RULES, neighbours=neighbours, now=date(2026, 11, 22)).rulings


@pytest.mark.parametrize(
    ("written", "part", "expected"),
    [
        ("replicas: 3", "maxUnavailable: 0", "proven"),
        ("replicas: 3", "maxUnavailable: 0%", "proven"),
        ("replicas: 3", "maxUnavailable: 1%", ""),
        ("replicas: 3", "minAvailable: 100%", "proven"),
        ("replicas: 3", "minAvailable: 3", "proven"),
        ("replicas: 3", "minAvailable: 67%", "proven"),
        ("replicas: 3", "minAvailable: 66%", ""),
        ("replicas: 3", "minAvailable: 2", ""),
        ("replicas: 3", "unhealthyPodEvictionPolicy: AlwaysAllow", "proven"),
        ("replicas: 1", "minAvailable: 1", "suspected"),
        ("replicas: 1", "minAvailable: 1%", "suspected"),
        ("replicas: 1", "maxUnavailable: 0", "proven"),
        ("replicas: 1", "maxUnavailable: 1", ""),
        ("replicas: 0", "minAvailable: 1", ""),
    ],
)
def test_a_budget_may_let_nobody_go(certainty: Callable[..., str], written: str, part: str, expected: str) -> None:
    """Both fields are rounded up; one without either lets nobody go."""
    assert expected == certainty("disruption-budget-blocks", manifest(written, beside=budget(part)))


def test_pods_of_others_may_count_for_a_budget(certainty: Callable[..., str]) -> None:
    """Where it selects more than the workload takes for its own, a number proves nothing."""
    for part, expected in (("minAvailable: 3", "suspected"), ("maxUnavailable: 0", "proven")):
        text = manifest(beside=budget(part, labels="tier: front"))
        assert expected == certainty("disruption-budget-blocks", text)


def test_the_cure_goes_where_the_number_is_set(verdict: Callable[..., Verdict]) -> None:
    """With an autoscaler in sight that is its minimum; what the manifest says would be overwritten."""
    budgets = budget("minAvailable: 1") + SCALER.format(least=1)
    found = [each for each in verdict(manifest(beside=budgets)).rulings if each.rule.concern == "availability"]
    cures = {each.rule.id: each.finding.remedies[0] for each in found}
    assert {"single-replica", "disruption-budget-blocks"} == set(cures)
    for cure in cures.values():
        assert isinstance(cure, Set)
        assert cure.document is not None
        assert ("HorizontalPodAutoscaler", ("spec", "minReplicas"), 2) == (cure.document.kind, cure.path, cure.value)


def test_two_budgets_block_whatever_they_say(certainty: Callable[..., str]) -> None:
    """The API server does not evict a pod that has more than one."""
    beside = budget("maxUnavailable: 1") + budget("maxUnavailable: 2", "tier: front", "front")
    assert certainty("disruption-budget-blocks", manifest(beside=beside)) == "proven"


def test_a_worker_is_drained_too(certainty: Callable[..., str]) -> None:
    """A budget that blocks holds up the node, whatever runs there."""
    text = manifest(command=WORKER, beside=budget("maxUnavailable: 0"))
    assert certainty("disruption-budget-blocks", text) == "proven"


def test_a_budget_protects(certainty: Callable[..., str]) -> None:
    """One in sight is enough, whatever it says."""
    assert certainty("disruption-budget-missing", manifest()) == "suspected"
    assert certainty("disruption-budget-missing", manifest(beside=budget("maxUnavailable: 1"))) == ""
    assert certainty("disruption-budget-missing", manifest("replicas: 1")) == ""
