"""A release of the chart at work: its own pods judge what comes into a real cluster, called through its own Service."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Self

import pytest
import trustme

from tests.charts.rendering import CHART
from tests.cluster.client import eventually
from tests.cluster.node import Node, playing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork

pytestmark = pytest.mark.cluster

OURS: Final = "policies"
OPERATOR: Final[Manifest] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "gracekeeper", "namespace": OURS},
}
PODS: Final = "app.kubernetes.io/name=gracekeeper"
STRICT: Final[dict[str, Any]] = {"policy": {"mode": "enforce"}, "webhook": {"failurePolicy": "Fail"}}
"""What breaks a rule is refused, and so is what no replica answers for."""

PATIENCE: Final = 90
PAUSE: Final = 0.05


@pytest.fixture(scope="module")
def node(
    control_plane: ControlPlane, pod_network: PodNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    """The chart is installed, and its two replicas answer."""
    folder = tmp_path_factory.mktemp("node")
    with playing(Node(control_plane, pod_network, folder, OURS, PODS)) as node:
        install(control_plane, STRICT)
        eventually(lambda: answered(control_plane.client, "default"), PATIENCE)
        yield node
    control_plane.helm("uninstall", "gracekeeper", f"--namespace={OURS}", "--no-hooks")


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
    assert len(node.pods) == 2


def test_a_rolling_restart_fails_no_review(
    control_plane: ControlPlane, client: Client, namespace: str, node: Node
) -> None:
    """Both replicas are replaced, one after the other, and every request meanwhile gets its verdict."""
    before = set(node.pods)
    with Reviews(client, namespace) as reviews:
        restarting = control_plane.kubectl("rollout", "restart", "deployment/gracekeeper", f"--namespace={OURS}")
        assert restarting.returncode == 0
        rolled_out(control_plane)
        eventually(lambda: not before & {each["metadata"]["uid"] for each in client.items("v1", "Pod", OURS)}, PATIENCE)

    assert set(reviews.told) == {403}
    assert [0, 0] == [node.pods[each].daemon.process.wait(1) for each in before]


def test_a_replica_that_is_killed_is_missed_for_a_moment_only(client: Client, namespace: str, node: Node) -> None:
    """The other replica answers; what was on its way to the killed one fails as `failurePolicy` says."""
    victim = next(pod for pod in node.pods.values() if not pod.ending)
    with Reviews(client, namespace) as reviews:
        victim.daemon.kill()
        eventually(lambda: not victim.ready, PATIENCE)
        eventually(lambda: victim.ready, PATIENCE)
        time.sleep(2)

    assert {403, 500} >= set(reviews.told)
    assert reviews.told[-20:] == [403] * 20


def test_a_certificate_of_ones_own_takes_the_place_of_ours(
    control_plane: ControlPlane, client: Client, node: Node
) -> None:
    """It is mounted from its Secret; who signed it stands where the operator wrote before, so helm has to insist."""
    own = {"source": "secret", "secretName": "certificate", "caBundle": certify(client)}

    install(control_plane, {**STRICT, "certificates": own}, "--force-conflicts")

    eventually(lambda: answered(client, "default"), PATIENCE)
    eventually(lambda: len([each for each in node.pods.values() if not each.ending]) == 2)


class Reviews:
    """Asks for a Pod that is not allowed, again and again while the block runs; `told` are the statuses."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.told: list[int] = []
        self._client = client
        self._namespace = namespace
        self._stop = Event()
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._asking = self._thread.submit(self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._asking.result()
        self._thread.shutdown()

    def _ask(self) -> None:
        while not self._stop.wait(PAUSE):
            self.told.append(self._client.create(pod(self._namespace), dry_run=True).status)
