"""A release of the chart at work: its own pods judge what comes into a real cluster, called through its own Service."""

from __future__ import annotations

import base64
import json
import re
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme

from gracekeeper.operator.certificates import issuing
from gracekeeper.operator.certificates.keypair import KeyPair
from tests.charts.load import Load
from tests.charts.rendering import CHART
from tests.cluster.client import eventually
from tests.cluster.inventory import everything
from tests.cluster.kubelet import NODE
from tests.cluster.node import Node, playing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork
    from tests.cluster.node import LivePod

pytestmark = pytest.mark.cluster

OURS: Final = "policies"
OPERATOR: Final[Manifest] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "gracekeeper", "namespace": OURS},
}
STRICT: Final[dict[str, Any]] = {"policy": {"mode": "enforce"}}
"""What breaks a rule is refused; what no replica answers for is admitted, as by default."""

REFUSED: Final = 403
UNJUDGED: Final = 201
HOST: Final = f"gracekeeper.{OURS}.svc"
SECRET: Final[Manifest] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "gracekeeper-tls", "namespace": OURS},
}
WEBHOOK: Final[Manifest] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "gracekeeper"},
}
KEPT: Final = {
    "APIService /v1alpha1.gracekeeper.dev",
    "CustomResourceDefinition /gracepolicies.gracekeeper.dev",
    "CustomResourceDefinition /graceexceptions.gracekeeper.dev",
}
"""Definitions stay, and what they are served by."""

PATIENCE: Final = 90
MINUTE: Final = 60


@pytest.fixture(scope="module")
def before(control_plane: ControlPlane) -> set[str]:
    """Whatever is in the cluster before the release."""
    client = control_plane.client
    if not client.get({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OURS}}).admitted:
        client.namespace(OURS)
    client.apply(NODE).object()
    return everything(control_plane, OURS)


@pytest.fixture(scope="module")
def node(
    control_plane: ControlPlane,
    pod_network: PodNetwork,
    tmp_path_factory: pytest.TempPathFactory,
    before: set[str],  # noqa: ARG001 - it has to come first
) -> Iterator[Node]:
    """The chart is installed, and its two replicas answer."""
    folder = tmp_path_factory.mktemp("node")
    with playing(Node(control_plane, pod_network, folder, OURS)) as node:
        install(control_plane, STRICT)
        eventually(lambda: answered(control_plane.client, "default"), PATIENCE)
        yield node
    control_plane.helm("uninstall", "gracekeeper", f"--namespace={OURS}", "--no-hooks")


@dataclass(frozen=True)
class Minute:
    """What 50 reviews a second were answered with, and how many of them the API server says it let pass unjudged."""

    renewal: list[int]
    restart: list[int]
    absence: list[int]
    afterwards: list[int]
    told: list[int]
    counted: int


@pytest.fixture(scope="module")
def minute(control_plane: ControlPlane, node: Node) -> Minute:
    """A minute in which the certificate is renewed, both replicas are replaced, and one of the new ones is killed."""
    client, before = control_plane.client, unjudged(control_plane.client)
    with Load(lambda: client.create(pod("default"), dry_run=True).status) as load:
        renewal = load.during(lambda: renew(client, node))
        restart = load.during(lambda: restarted(control_plane, node))
        victim, _ = replicas(node)
        killed = victim.daemon
        killed.kill()
        absence = load.during(lambda: eventually(lambda: victim.daemon is not killed and victim.ready, PATIENCE))
        time.sleep(2)  # until every API server knows
        afterwards = load.during(lambda: load.until(max(MINUTE, load.seconds + 2)))
    return Minute(renewal, restart, absence, afterwards, load.told, unjudged(client) - before)


def replicas(node: Node) -> list[LivePod]:
    """The replicas that are not about to end."""
    return [each for each in node.pods.values() if each.container.restarts and not each.ending]


def renew(client: Client, node: Node) -> None:
    """Let the certificate grow old, so that it is renewed, and have the API server be shown the new one at once."""
    data = client.get(SECRET).object()["data"]
    authority = KeyPair.read(*(base64.b64decode(data[f"ca.{part}"]) for part in ("crt", "key")))
    aged = issuing.leaf(authority, HOST, datetime.now(UTC) - issuing.LEAF_LIFETIME * 0.7)
    shown = {certificate_of(each) for each in replicas(node)}
    change = {"tls.crt": aged.certificate.decode(), "tls.key": aged.key.decode()}
    client.patch(SECRET, {"stringData": change}).object()
    eventually(lambda: not shown & {certificate_of(each) for each in replicas(node)}, PATIENCE)
    for times in (2, 3):  # a bundle of other words has the API server connect anew
        bundle = base64.b64encode(authority.certificate * times).decode()
        trusted = [
            {"op": "replace", "path": f"/webhooks/{each}/clientConfig/caBundle", "value": bundle} for each in "01"
        ]
        client.patch(WEBHOOK, trusted, kind="json").object()
        time.sleep(1)


def certificate_of(replica: LivePod) -> str:
    """The certificate that a replica shows."""
    return ssl.get_server_certificate((replica.address, 8443), timeout=10)


def restarted(control_plane: ControlPlane, node: Node) -> None:
    """Replace both replicas, one after the other, and wait until the old ones have ended by themselves."""
    old = replicas(node)
    restarting = control_plane.kubectl("rollout", "restart", "deployment/gracekeeper", f"--namespace={OURS}")
    assert restarting.returncode == 0, restarting.stderr
    rolled_out(control_plane)
    eventually(lambda: not any(each.daemon.running for each in old), PATIENCE)
    assert [0, 0] == [each.daemon.process.returncode for each in old]


def unjudged(client: Client) -> int:
    """How many requests the API server says it let pass because no replica answered."""
    name = r'apiserver_admission_webhook_fail_open_count{name="workloads.gracekeeper.dev",type="validating"} '
    counts = re.findall(rf"^{re.escape(name)}(\S+)$", client.request("GET", "/metrics").message, re.MULTILINE)
    return sum(int(float(each)) for each in counts)


def certify(client: Client) -> str:
    """Put a certificate for the webhook's Service into a Secret, and return that of the CA that signed it."""
    authority = trustme.CA()
    certificate = authority.issue_cert(f"gracekeeper.{OURS}.svc")
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "certificate", "namespace": OURS},
        "stringData": {
            "tls.crt": certificate.cert_chain_pems[0].bytes().decode(),
            "tls.key": certificate.private_key_pem.bytes().decode(),
        },
    }
    client.apply(secret).object()
    return authority.cert_pem.bytes().decode()


def install(control_plane: ControlPlane, values: dict[str, Any], *flags: str) -> None:
    """Install or upgrade the release, and wait until it has rolled out."""
    words = ("upgrade", "--install", "gracekeeper", CHART, f"--namespace={OURS}", "--create-namespace", "--values=-")
    installing = control_plane.helm(*words, *flags, text=json.dumps(values))
    assert installing.returncode == 0, installing.stderr
    rolled_out(control_plane)


def rolled_out(control_plane: ControlPlane) -> None:
    """Wait until all replicas are new and available."""
    words = ("rollout", "status", "deployment/gracekeeper", f"--namespace={OURS}", f"--timeout={PATIENCE}s")
    waiting = control_plane.kubectl(*words)
    assert waiting.returncode == 0, waiting.stdout + waiting.stderr


def pod(namespace: str, **security: object) -> Manifest:
    """A Pod that may run as root, unless `security` says otherwise."""
    container = {
        "name": "web",
        "image": "shop/web:1.4.2",
        "command": ["gunicorn", "--bind=0.0.0.0:8000", "app:app"],
        "resources": {"limits": {"memory": "512Mi"}, "requests": {"cpu": "1"}},
        "securityContext": security,
    }
    metadata = {"name": "web", "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 40},
    }


def answered(client: Client, namespace: str) -> bool:
    """Whether a replica judges a Pod that is not allowed."""
    return "run-as-root" in client.create(pod(namespace), dry_run=True).message


def test_the_release_judges_through_its_own_service(client: Client, namespace: str, node: Node) -> None:
    """What breaks a rule is refused in words; what breaks none is admitted."""
    refused = client.create(pod(namespace))

    assert (403, "Forbidden") == (refused.status, refused.body["reason"])
    assert 'admission webhook "workloads.gracekeeper.dev" denied the request: ' in refused.message
    assert "run-as-root [web]" in refused.message
    assert client.create(pod(namespace, runAsNonRoot=True, runAsUser=1000)).message == ""
    assert len(replicas(node)) == 2


@pytest.mark.usefixtures("node")
def test_helm_test_asks_for_a_verdict(control_plane: ControlPlane) -> None:
    """From a pod of its own, through the Service."""
    tested = control_plane.helm("test", "gracekeeper", f"--namespace={OURS}", f"--timeout={PATIENCE}s")

    assert (0, "") == (tested.returncode, tested.stderr)
    assert re.search(r"TEST SUITE: +gracekeeper-test\n.*\n.*\nPhase: +Succeeded", tested.stdout)


def test_a_certificate_is_renewed_without_a_failed_review(minute: Minute) -> None:
    """By the replicas themselves, once two thirds of its time are over."""
    assert {REFUSED} == set(minute.renewal)


def test_a_rolling_restart_fails_no_review(minute: Minute) -> None:
    """Both replicas are replaced, one after the other, and every request meanwhile gets its verdict."""
    assert {REFUSED} == set(minute.restart)


def test_a_replica_that_is_killed_is_missed_for_a_moment_only(minute: Minute) -> None:
    """The other one answers; what was on its way to the killed one passes unjudged, and the API server counts it."""
    assert REFUSED in minute.absence
    assert {REFUSED} == set(minute.afterwards)
    assert {REFUSED, UNJUDGED} >= set(minute.told)
    assert minute.counted == minute.told.count(UNJUDGED)
    print(f"{len(minute.told)} reviews, {minute.counted} of them passed unjudged")  # noqa: T201 - worth reading


def test_a_certificate_of_ones_own_takes_the_place_of_ours(
    control_plane: ControlPlane, client: Client, node: Node
) -> None:
    """It is mounted from its Secret; who signed it stands where the operator wrote before, so helm has to insist."""
    own = {"source": "secret", "secretName": "certificate", "caBundle": certify(client)}

    install(control_plane, {**STRICT, "certificates": own}, "--force-conflicts")

    eventually(lambda: answered(client, "default"), PATIENCE)
    eventually(lambda: len(replicas(node)) == 2)


def test_uninstalling_leaves_what_is_not_ours_alone(
    control_plane: ControlPlane, client: Client, node: Node, before: set[str]
) -> None:
    """The hook takes the webhook away by its own pod; definitions stay, and so does the Secret that we were given."""
    uninstalled = control_plane.helm("uninstall", "gracekeeper", f"--namespace={OURS}", f"--timeout={PATIENCE}s")

    assert (0, "") == (uninstalled.returncode, uninstalled.stderr)
    *_, hook = node.pods.values()
    assert "ValidatingWebhookConfiguration gracekeeper: is gone" in hook.daemon.log.read_text(encoding="utf-8")
    eventually(lambda: not client.items("v1", "Pod", OURS), PATIENCE)
    left = everything(control_plane, OURS) - before - KEPT
    # A replica that ended when the certificate became another's may have made its own anew.
    assert {f"Secret {OURS}/certificate"} == left - {f"Secret {OURS}/gracekeeper-tls"}
