"""The chart on a real API server: what it asks the webhook about, what it may do, and what stays when it goes.

No replica runs here. `failurePolicy: Fail` tells which requests the API server would have asked about: it refuses them.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import kopf
import pytest

from gracekeeper.operator.removal import remove
from tests.charts.rendering import CHART
from tests.cluster.client import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.cluster.client import Answer, Client, Manifest
    from tests.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

OURS: Final = "policies"
WEBHOOK: Final[Manifest] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "gracekeeper"},
}
UNSEEN: Final = "tests/unseen"
REFUSING: Final = {
    "failurePolicy": "Fail",
    "namespaceSelector": {"matchExpressions": [{"key": UNSEEN, "operator": "DoesNotExist"}]},
}
SUCCEEDED: Final = {"status": {"phase": "Succeeded"}}
CLEANUP: Final = {"name": "gracekeeper-cleanup"}
REVIEWS: Final = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
ACCOUNT: Final = f"system:serviceaccount:{OURS}:gracekeeper"


def install(control_plane: ControlPlane, verb: str, values: Mapping[str, object]) -> None:
    """Install or upgrade the chart as release gracekeeper."""
    done = control_plane.helm(
        verb, "gracekeeper", CHART, f"--namespace={OURS}", "--create-namespace", "--values=-", text=json.dumps(values)
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def _release(control_plane: ControlPlane, client: Client) -> Iterator[None]:
    """The chart is installed, and refuses whatever it would be asked about."""
    install(control_plane, "install", {"webhook": REFUSING})
    yield
    control_plane.helm("uninstall", "gracekeeper", f"--namespace={OURS}", "--no-hooks")
    client.delete(WEBHOOK)


@pytest.fixture
def web(client: Client, namespace: str, _release: None) -> Manifest:
    """A Deployment that was there before the webhook saw its namespace."""
    labels = {"app": "web"}
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace, "annotations": {"gracekeeper.dev/runtime": "python"}},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}},
            "replicas": 0,
        },
    }
    home: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    client.patch(home, {"metadata": {"labels": {UNSEEN: "yes"}}}).object()
    eventually(lambda: client.create(manifest, dry_run=True).admitted)
    client.create(manifest).object()
    client.patch(home, {"metadata": {"labels": {UNSEEN: None}}}).object()
    eventually(lambda: asked(client.patch(manifest, {"spec": {"replicas": 1}}, dry_run=True)))
    return manifest


def asked(answer: Answer) -> bool:
    """Whether the API server wanted to ask the webhook; nobody answers, so it refused the request."""
    return not answer.admitted and 'failed calling webhook "workloads.gracekeeper.dev"' in answer.message


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 60}}}},
        {"metadata": {"annotations": {"gracekeeper.dev/runtime": "other"}}},
        {"metadata": {"annotations": {"gracekeeper.dev/runtime": None}}},
        {"metadata": {"annotations": {"gracekeeper.dev/exempt": "run-as-root: none"}}},
        {"metadata": {"annotations": None}},
    ],
)
def test_what_may_change_a_verdict_is_asked_about(client: Client, web: Manifest, change: object) -> None:
    """The specification, and each of our annotations: changed, added or taken away."""
    assert asked(client.patch(web, change))


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"labels": {"team": "shop"}}},
        {"metadata": {"annotations": {"kubernetes.io/change-cause": "none"}}},
        {"metadata": {"finalizers": ["example.com/wait"]}},
        {"spec": {"replicas": 0}},
    ],
)
def test_what_changes_no_verdict_is_not_asked_about(client: Client, web: Manifest, change: object) -> None:
    """Controllers write such changes all the time, and must not wait for anybody."""
    assert client.patch(web, change).admitted


def test_an_object_that_is_being_deleted_is_let_go(client: Client, web: Manifest) -> None:
    """Whoever holds a finalizer can always take it away."""
    client.patch(web, {"metadata": {"finalizers": ["example.com/wait"]}}).object()
    client.delete(web).object()

    assert client.get(web).object()["metadata"]["deletionTimestamp"]
    assert client.patch(web, {"metadata": {"finalizers": None}}).admitted
    assert not client.get(web).admitted


def test_a_large_object_with_many_annotations_can_be_compared(client: Client, web: Manifest) -> None:
    """A condition that costs too much would fail, and refuse the request."""
    annotations = {f"example.com/{number}": "x" for number in range(4_000)}
    client.patch(web, {"metadata": {"annotations": annotations}}).object()

    assert client.patch(web, {"metadata": {"labels": {"team": "shop"}}}).admitted
    assert asked(client.patch(web, {"metadata": {"annotations": {"gracekeeper.dev/runtime": None}}}))


def test_gracekeeper_can_start_while_nobody_answers(client: Client, web: Manifest) -> None:
    """Its own namespace and the system's are never asked about; all others are."""
    pod: Manifest = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "web", "image": "web:1"}]}}

    assert [True, True, False] == [
        client.create({**pod, "metadata": {"name": "web", "namespace": namespace}}, dry_run=True).admitted
        for namespace in (OURS, "kube-system", web["metadata"]["namespace"])
    ]


@pytest.mark.usefixtures("_release")
def test_the_operator_may_read_what_it_judges_by_and_nothing_else(client: Client) -> None:
    """Its rights are those of the chart's roles, and none over anybody's workloads or Secrets."""

    def may(verb: str, what: str, namespace: str) -> bool:
        resource, _, name = what.partition("/")
        resource, _, group = resource.partition(".")
        asked = {"verb": verb, "resource": resource, "group": group, "name": name, "namespace": namespace}
        question = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": ACCOUNT, "resourceAttributes": asked},
        }
        return bool(client.request("POST", REVIEWS, question).object()["status"]["allowed"])

    watched = ("configmaps", "limitranges", "namespaces", "services", "poddisruptionbudgets.policy")
    assert {True} == {may(verb, each, "shop") for each in watched for verb in ("list", "watch")}
    assert may("update", "secrets/gracekeeper-tls", OURS)
    assert may("patch", "validatingwebhookconfigurations.admissionregistration.k8s.io/gracekeeper", OURS)
    assert [] == [
        (verb, resource, namespace)
        for verb, resource, namespace in (
            ("get", "secrets", OURS),
            ("list", "secrets", "shop"),
            ("get", "secrets/gracekeeper-tls", "shop"),
            ("list", "pods", "shop"),
            ("create", "pods", OURS),
            ("update", "configmaps", OURS),
            ("patch", "validatingwebhookconfigurations.admissionregistration.k8s.io", OURS),
            ("delete", "validatingwebhookconfigurations.admissionregistration.k8s.io/gracekeeper", OURS),
        )
        if may(verb, resource, namespace)
    ]


@pytest.mark.usefixtures("_release")
def test_an_upgrade_leaves_the_ca_in_its_place(control_plane: ControlPlane, client: Client) -> None:
    """The operator has written it; an upgrade that took it away would stop every review until it is written again."""
    authority = "Q0E="
    change = [{"op": "add", "path": f"/webhooks/{each}/clientConfig/caBundle", "value": authority} for each in (0, 1)]
    client.patch(WEBHOOK, change, kind="json").object()

    install(control_plane, "upgrade", {"webhook": {**REFUSING, "timeoutSeconds": 7}})

    webhooks = client.get(WEBHOOK).object()["webhooks"]
    assert [(authority, 7)] * 2 == [(each["clientConfig"]["caBundle"], each["timeoutSeconds"]) for each in webhooks]


def test_uninstalling_takes_the_webhook_away_first_and_leaves_nothing(
    control_plane: ControlPlane, client: Client, web: Manifest
) -> None:
    """The hook's own rights suffice, and whoever was refused before is admitted when the operator goes."""
    replicas = {"spec": {"replicas": 1}}
    hook: Manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**CLEANUP, "namespace": OURS}}
    with ThreadPoolExecutor(1) as thread:
        helm = thread.submit(control_plane.helm, "uninstall", "gracekeeper", f"--namespace={OURS}", "--timeout=60s")
        (pod,) = eventually(lambda: client.items("v1", "Pod", OURS, labelSelector="job-name=gracekeeper-cleanup"))
        assert asked(client.patch(web, replicas, dry_run=True))
        token = client.request("POST", client.path(hook, "token"), {"spec": {}}).object()["status"]["token"]
        authority = str(control_plane.credentials.authority)
        login = kopf.ConnectionInfo(server=control_plane.url, ca_path=authority, token=token)
        assert asyncio.run(remove("gracekeeper", lambda: login)) == "is gone"
        eventually(lambda: client.patch(web, replicas, dry_run=True).admitted)
        client.patch({**pod, "apiVersion": "v1", "kind": "Pod"}, SUCCEEDED, subresource="status").object()

    assert (0, "") == (helm.result().returncode, helm.result().stderr)
    named = "configmap,deployment,job,netpol,pdb,secret,service,serviceaccount"
    named += ",role,rolebinding,clusterrole,clusterrolebinding"
    left = control_plane.kubectl("get", named, f"--namespace={OURS}", "--output=name").stdout
    assert [] == [line for line in left.splitlines() if "gracekeeper" in line]
