"""What a real API server does with our verdicts."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from tests.admission.manifests import ROOT_USER, UNBOUNDED, deployment, pod
from tests.cluster.client import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.admission.operator import Operator
    from tests.cluster.client import Answer, Client, Manifest
    from tests.cluster.control_plane import ControlPlane

    Governed = Callable[..., str]

WEBHOOK = "workloads.gracekeeper.dev"


def rules_of(answer: Answer) -> list[str]:
    """The rules that a denial names, in its order."""
    lines = answer.message.splitlines()[1:-1]
    return [line.split()[1] for line in lines]


def warned_of(answer: Answer) -> list[str]:
    """The rules that warnings name, in their order."""
    return [warning.split()[0].rstrip(":") for warning in answer.warnings]


def audited(control_plane: ControlPlane, namespace: str) -> list[tuple[str, str, str]]:
    """Who wrote which kind of object in a namespace, and the verdict on that."""
    return [
        (event["user"]["username"], event["objectRef"]["resource"], event["annotations"][f"{WEBHOOK}/verdict"])
        for event in control_plane.audit_events(namespace)
        if event["objectRef"].get("namespace") == namespace and f"{WEBHOOK}/verdict" in event.get("annotations", {})
    ]


def container(manifest: Manifest) -> dict[str, Any]:
    """A Deployment's first container."""
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]["containers"][0]
    return found


def test_a_good_workload_is_admitted_without_a_word(enforced: str, client: Client) -> None:
    """Whoever writes good manifests never hears of us."""
    answer = client.create(deployment(enforced))
    assert (answer.status, answer.warnings) == (201, ())


def test_a_denial_tells_everything_at_once(enforced: str, client: Client) -> None:
    """403, Forbidden, each error with its remedy; what only warns comes as warnings."""
    answer = client.create(deployment(enforced, ROOT_USER | UNBOUNDED))
    assert (answer.status, answer.body["reason"]) == (403, "Forbidden")
    denied = f'admission webhook "{WEBHOOK}" denied the request: '
    told = f'Deployment {enforced}/web breaks 2 rules of policy "enforce":'
    assert answer.message.splitlines()[0] == denied + told
    assert rules_of(answer) == ["memory-limit-missing", "run-as-root"]
    assert warned_of(answer) == ["memory-request-missing"]


def test_kubectl_shows_the_denial_as_it_was_written(enforced: str, control_plane: ControlPlane) -> None:
    """Its lines stay lines."""
    manifest = json.dumps(deployment(enforced, ROOT_USER))
    applied = control_plane.kubectl("apply", "-f", "-", text=manifest)
    assert applied.returncode == 1
    first, second, *_ = applied.stderr.splitlines()
    assert first.startswith('Error from server (Forbidden): error when creating "STDIN": admission webhook')
    assert second.startswith(" 1. run-as-root [web]: ")


def test_a_dry_run_shows_the_verdict_and_leaves_nothing(
    enforced: str, control_plane: ControlPlane, client: Client
) -> None:
    """`kubectl apply --dry-run=server` is asked in pipelines."""
    bad, good = deployment(enforced, ROOT_USER, name="bad"), deployment(enforced, name="good")
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [bad, good]})
    applied = control_plane.kubectl("apply", "--dry-run=server", "-f", "-", text=text)
    assert "breaks a rule" in applied.stderr
    assert applied.stdout == "deployment.apps/good created (server dry run)\n"
    assert [client.get(each).status for each in (bad, good)] == [404, 404]


@pytest.mark.parametrize(
    ("mode", "admitted", "warned", "verdict"),
    [
        ("enforce", False, [], "deny"),
        ("warn", True, ["run-as-root"], "warn"),
        ("audit", True, [], "allow"),
        ("off", True, [], "allow"),
    ],
)
def test_modes(
    mode: str,
    admitted: bool,
    warned: list[str],
    verdict: str,
    governed: Governed,
    client: Client,
    control_plane: ControlPlane,
) -> None:
    """Deny, say it, write it down, or leave it alone."""
    namespace = governed(mode)
    answer = client.create(deployment(namespace, ROOT_USER))
    assert (answer.admitted, warned_of(answer)) == (admitted, warned)
    assert audited(control_plane, namespace)[0] == ("admin", "deployments", verdict)


def test_a_namespace_may_choose_its_mode_where_the_policy_lets_it(governed: Governed, client: Client) -> None:
    """The label counts there, and nowhere else."""
    assert client.create(deployment(governed("own-choice", **{"gracekeeper.dev/mode": "warn"}), ROOT_USER)).admitted
    assert not client.create(deployment(governed("enforce", **{"gracekeeper.dev/mode": "warn"}), ROOT_USER)).admitted


def test_a_deployment_is_judged_once(enforced: str, client: Client, control_plane: ControlPlane) -> None:
    """Its ReplicaSet and its Pods are made by controllers that it was judged for."""
    client.create(deployment(enforced)).object()
    eventually(lambda: len(client.items("v1", "Pod", enforced)) == 2)
    verdicts = {verdict for _, resource, verdict in audited(control_plane, enforced) if resource == "deployments"}
    others = {verdict for _, resource, verdict in audited(control_plane, enforced) if resource != "deployments"}
    assert (verdicts, others) == ({"allow"}, {"pass"})


def test_a_pod_of_nobody_is_judged(enforced: str, client: Client) -> None:
    """Also one that claims an owner, as anybody may."""
    assert rules_of(client.create(pod(enforced, ROOT_USER))) == ["run-as-root"]
    claiming = pod(enforced, ROOT_USER)
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1", "controller": True}
    claiming["metadata"]["ownerReferences"] = [owner]
    assert rules_of(client.create(claiming)) == ["run-as-root"]


def test_a_mirror_pod_is_let_through_from_its_kubelet_alone(enforced: str, client: Client) -> None:
    """What a node runs already is only shown by it."""
    kubelet = "system:node:one"
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "name": "edit"}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "kubelet", "namespace": enforced},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": role["name"]},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": kubelet}],
    }
    client.create(binding).object()
    mirror = pod(enforced, ROOT_USER)
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "abc"}
    mirror["spec"] |= {"nodeName": "one", "automountServiceAccountToken": False}
    assert rules_of(client.create(mirror)) == ["run-as-root"]
    assert eventually(lambda: client.acting_as(kubelet).create(mirror).admitted)


def test_a_container_that_is_added_to_a_running_pod_is_judged(enforced: str, client: Client) -> None:
    """`kubectl debug` goes through a subresource of its own."""
    running = client.create(pod(enforced)).object()
    added = {"name": "shell", "image": "busybox:1.37", "securityContext": {"privileged": True, "runAsUser": 1000}}
    changed = client.update(
        {**running, "spec": {**running["spec"], "ephemeralContainers": [added]}}, subresource="ephemeralcontainers"
    )
    assert rules_of(changed) == ["privileged-container"]


class TestAWorkloadFromBeforeThePolicy:
    """What was there before is told of, and not in anybody's way."""

    @pytest.fixture
    def old(self, governed: Governed, client: Client) -> Manifest:
        """A Deployment with two errors, in a namespace where errors deny by now."""
        namespace = governed("off")
        made = client.create(deployment(namespace, ROOT_USER | UNBOUNDED)).object()
        holder = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        client.patch(holder, {"metadata": {"labels": {"tests/mode": "enforce"}}}).object()
        began = time.monotonic()
        eventually(lambda: not client.create(pod(namespace, ROOT_USER, name="probe"), dry_run=True).admitted)
        assert time.monotonic() - began < 2
        return made

    def test_it_is_scaled(self, old: Manifest, control_plane: ControlPlane, client: Client) -> None:
        """By its subresource, and by whoever writes the number into it."""
        name, namespace = old["metadata"]["name"], old["metadata"]["namespace"]
        scaled = control_plane.kubectl("-n", namespace, "scale", f"deployment/{name}", "--replicas=1")
        assert scaled.returncode == 0, scaled.stderr
        assert client.patch(old, {"spec": {"replicas": 3}}).admitted

    def test_it_is_rolled_out(self, old: Manifest, client: Client) -> None:
        """A new image comes with a new ReplicaSet and new Pods, and the old errors are told."""
        change = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "registry/web:1.5"}]
        answer = client.patch(old, change, kind="json")
        assert answer.admitted
        assert warned_of(answer)[:2] == ["memory-limit-missing", "run-as-root"]
        namespace = old["metadata"]["namespace"]
        eventually(lambda: len(client.items("apps/v1", "ReplicaSet", namespace)) == 2)
        eventually(lambda: any("1.5" in json.dumps(each["spec"]) for each in client.items("v1", "Pod", namespace)))

    def test_one_of_two_errors_is_mended(self, old: Manifest, client: Client) -> None:
        """Nobody has to mend everything to mend something."""
        change = [{"op": "add", "path": "/spec/template/spec/containers/0/resources/limits/memory", "value": "1Gi"}]
        answer = client.patch(old, change, kind="json")
        assert (answer.admitted, warned_of(answer)) == (True, ["run-as-root"])

    def test_what_is_added_denies(self, old: Manifest, client: Client) -> None:
        """And nothing else does."""
        where = "/spec/template/spec/containers/0/securityContext"
        change = [
            {"op": "remove", "path": f"{where}/allowPrivilegeEscalation"},
            {"op": "add", "path": f"{where}/privileged", "value": True},
        ]
        assert rules_of(client.patch(old, change, kind="json")) == ["privileged-container"]

    def test_its_labels_change(self, old: Manifest, client: Client) -> None:
        """Nothing that runs does."""
        answer = client.patch(old, {"metadata": {"labels": {"team": "shop"}}})
        assert (answer.admitted, answer.warnings) == (True, ())

    def test_it_goes_with_its_finalizer(self, old: Manifest, client: Client) -> None:
        """Whoever has to clean up is not asked to mend first."""
        client.patch(old, {"metadata": {"finalizers": ["tests/hold"]}}).object()
        client.delete(old).object()
        change = {"metadata": {"finalizers": None}, "spec": {"paused": True}}
        assert client.patch(old, change).admitted
        eventually(lambda: client.get(old).status == 404)


def test_a_policy_may_have_updates_judged_whole(governed: Governed, client: Client) -> None:
    """`updates: enforce` stops the next change of what was there before."""
    namespace = governed("off")
    old = client.create(deployment(namespace, ROOT_USER)).object()
    holder = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    client.patch(holder, {"metadata": {"labels": {"tests/mode": "unforgiving"}}}).object()
    eventually(lambda: not client.patch(old, {"spec": {"replicas": 3}}, dry_run=True).admitted)
    assert rules_of(client.patch(old, {"spec": {"replicas": 3}})) == ["run-as-root"]


def exception(namespace: str, name: str, expires: str) -> Manifest:
    """A GraceException from running as root, for workloads whose names begin with its own."""
    spec = {
        "rules": ["run-as-root"],
        "reason": "is being rebuilt",
        "expires": expires,
        "match": {"names": [f"{name}-*"]},
    }
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "gracekeeper.dev/v1alpha1", "kind": "GraceException", "metadata": metadata, "spec": spec}


def test_exceptions_silence_until_their_day(enforced: str, client: Client) -> None:
    """For those whom they mean, as soon as they are written; an expired one silences nobody."""
    client.create(exception(enforced, "forgotten", "2020-01-01")).object()
    client.create(exception(enforced, "legacy", "2999-12-31")).object()
    eventually(lambda: client.create(deployment(enforced, ROOT_USER, name="legacy-web"), dry_run=True).admitted)
    assert rules_of(client.create(deployment(enforced, ROOT_USER, name="other-web"))) == ["run-as-root"]
    assert rules_of(client.create(deployment(enforced, ROOT_USER, name="forgotten-web"))) == ["run-as-root"]
    client.delete(exception(enforced, "legacy", ""))
    eventually(lambda: not client.create(deployment(enforced, ROOT_USER, name="legacy-web"), dry_run=True).admitted)


def test_annotations_silence_with_a_reason(enforced: str, client: Client) -> None:
    """One that names no rule is told of."""
    exempt = deployment(enforced, ROOT_USER)
    exempt["metadata"]["annotations"] = {"gracekeeper.dev/exempt": "run-as-root: binds port 80"}
    assert client.create(exempt).admitted
    exempt["metadata"] |= {"name": "second", "annotations": {"gracekeeper.dev/exempt": "run-as-rot: binds port 80"}}
    answer = client.create(exempt)
    assert rules_of(answer) == ["run-as-root"]
    said = "gracekeeper.dev/exempt: there is no rule run-as-rot; did you mean run-as-root?"
    assert answer.warnings[0] == said


def test_neighbours_count_as_they_come_and_go(enforced: str, client: Client) -> None:
    """A Service that sends to a port where nobody listens makes an error of a good Deployment, while it is there."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": enforced},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9999}]},
    }
    assert client.create(deployment(enforced), dry_run=True).admitted
    client.create(service).object()
    eventually(lambda: "service-port-mismatch" in rules_of(client.create(deployment(enforced), dry_run=True)))
    client.delete(service)
    eventually(lambda: client.create(deployment(enforced), dry_run=True).admitted)


def test_objects_of_more_than_a_megabyte_are_judged(enforced: str, client: Client, operator: Operator) -> None:
    """An update of one is a review of three."""
    long = [{"name": f"TABLE_{number}", "value": "x" * 100_000} for number in range(14)]
    made = client.create(deployment(enforced, {"env": long})).object()
    assert made["spec"]["replicas"] == 2
    change = [
        {"op": "replace", "path": "/spec/template/spec/containers/0/securityContext/runAsNonRoot", "value": False}
    ]
    failures = operator.metric("gracekeeper_internal_errors_total")
    answer = client.patch(made, change, kind="json")
    assert rules_of(answer) == ["run-as-root"]
    assert client.patch(made, {"spec": {"replicas": 3}}).admitted
    assert operator.metric("gracekeeper_internal_errors_total") == failures


def test_every_kind_is_judged(enforced: str, client: Client) -> None:
    """Whatever makes Pods."""
    template = deployment(enforced, ROOT_USER)["spec"]["template"]
    selected = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    once = deepcopy(template)
    once["spec"]["restartPolicy"] = "Never"
    for probe in ("readinessProbe", "livenessProbe"):
        once["spec"]["containers"][0].pop(probe)
    kinds = {
        ("v1", "ReplicationController"): {"selector": {"app": "web"}, "template": template},
        ("apps/v1", "StatefulSet"): {**selected, "serviceName": "web"},
        ("apps/v1", "DaemonSet"): selected,
        ("apps/v1", "ReplicaSet"): selected,
        ("batch/v1", "Job"): {"template": once},
        ("batch/v1", "CronJob"): {"schedule": "@daily", "jobTemplate": {"spec": {"template": once}}},
    }
    for (version, kind), spec in kinds.items():
        metadata = {"name": "web", "namespace": enforced}
        answer = client.create({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})
        assert rules_of(answer) == ["run-as-root"], kind
