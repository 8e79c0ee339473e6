"""Pods without a node: processes in network namespaces, which the API server reaches by a Service, and they it."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme

from tests.cluster import kubelet
from tests.cluster.client import eventually
from tests.cluster.daemon import Daemon
from tests.cluster.network import NAMESPACES, temporary_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork, Sandbox

WEBHOOK: Final = Path(__file__).with_name("denying_webhook.py")
MESSAGE: Final = "first line\nsecond line"


def config_map(namespace: str) -> Manifest:
    """An empty ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}}


def pod_and_service(namespace: str) -> list[Manifest]:
    """A Pod and the Service that selects it, both named `webhook`."""
    metadata: Manifest = {"name": "webhook", "namespace": namespace, "labels": {"app": "webhook"}}
    pod = {"containers": [{"name": "webhook", "image": "webhook:1"}]}
    service = {"selector": metadata["labels"], "ports": [{"port": 443, "targetPort": 8443}]}
    return [
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
    ]


def registration(namespace: str, authority: trustme.CA) -> Manifest:
    """The API server asks the Service `webhook` about every ConfigMap of the namespace, and takes silence for a no."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    webhook: dict[str, Any] = {
        "name": "webhook.example.org",
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "clientConfig": {
            "service": {"name": "webhook", "namespace": namespace},
            "caBundle": base64.b64encode(authority.cert_pem.bytes()).decode(),
        },
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 5,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": namespace},
        "webhooks": [webhook],
    }


def refused(client: Client, namespace: str, status: int) -> str:
    """Why a ConfigMap is refused with this status; empty where it is not."""
    answer = client.create(config_map(namespace), dry_run=True)
    return answer.message if answer.status == status else ""


@pytest.fixture
def sandbox(pod_network: PodNetwork) -> Sandbox:
    """What one pod runs in."""
    return pod_network.pod()


@pytest.fixture
def authority() -> trustme.CA:
    """Vouches for the webhook."""
    return trustme.CA()


@pytest.fixture
def webhook(sandbox: Sandbox, authority: trustme.CA, namespace: str, tmp_path: Path) -> Iterator[Daemon]:
    """A webhook that denies everything, inside a pod."""
    authority.issue_cert(f"webhook.{namespace}.svc").private_key_and_cert_chain_pem.write_to_path(tmp_path / "tls.pem")
    command = sandbox.command(sys.executable, WEBHOOK, tmp_path / "tls.pem", "8443", MESSAGE)
    daemon = Daemon("webhook", command, tmp_path / "webhook.log")
    yield daemon
    daemon.stop()


@pytest.fixture
def pod(client: Client, namespace: str, authority: trustme.CA) -> Iterator[Manifest]:
    """The Pod behind the Service that the API server is to ask."""
    pod, _, registered = (
        client.create(manifest).object()
        for manifest in (*pod_and_service(namespace), registration(namespace, authority))
    )
    yield pod
    client.delete(registered).object()


@pytest.mark.usefixtures("webhook")
def test_webhook_is_reached_by_its_service(client: Client, namespace: str, sandbox: Sandbox, pod: Manifest) -> None:
    """The API server asks the Pod that the Service selects, and a refusal keeps its lines."""
    kubelet.report_running(client, pod, sandbox.address)

    refusal = eventually(lambda: refused(client, namespace, 403))

    assert refusal == f'admission webhook "webhook.example.org" denied the request: {MESSAGE}'


@pytest.mark.usefixtures("webhook")
def test_pod_that_is_not_ready_is_not_asked(client: Client, namespace: str, sandbox: Sandbox, pod: Manifest) -> None:
    """A Service does not lead to it, although the process would answer."""
    kubelet.report_running(client, pod, sandbox.address, ready=False)

    refusal = eventually(lambda: refused(client, namespace, 500))

    assert refusal.endswith('no endpoints available for service "webhook"')


@pytest.mark.usefixtures("webhook")
def test_pod_that_is_being_deleted_is_not_asked(
    client: Client, namespace: str, sandbox: Sandbox, pod: Manifest
) -> None:
    """It is there until its processes have ended, but its Service leads to it no more."""
    kubelet.report_running(client, pod, sandbox.address)
    eventually(lambda: refused(client, namespace, 403))

    client.delete(pod).object()
    kubelet.report_running(client, pod, sandbox.address, ready=False)
    refusal = eventually(lambda: refused(client, namespace, 500))
    kubelet.report_ended(client, pod)

    assert refusal.endswith('no endpoints available for service "webhook"')
    assert client.get(pod).status == 404


def test_pod_reaches_the_api_server(control_plane: ControlPlane, sandbox: Sandbox) -> None:
    """What runs in a pod asks at the host's address, and trusts the same authority."""
    script = "import ssl, sys, urllib.request as u; c = ssl.create_default_context(cafile=sys.argv[2]); "
    script += "r = u.Request(sys.argv[1] + '/readyz', headers={'Authorization': 'Bearer admin'}); "
    script += "print(u.urlopen(r, context=c).read().decode())"
    authority = control_plane.credentials.authority

    command = sandbox.command(sys.executable, "-c", script, control_plane.url, authority)
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    assert said == "ok\n"


@pytest.mark.usefixtures("pod_network")
def test_networks_do_not_meet_and_leave_nothing() -> None:
    """Each has addresses of its own, and takes its namespaces and interfaces along."""
    with temporary_network() as one, temporary_network() as other:
        pods = [one.pod(), one.pod(), other.pod()]
        addresses = {one.host, other.host, *(pod.address for pod in pods)}

        assert len(addresses) == 5
        assert all((NAMESPACES / pod.name).exists() for pod in pods)

    assert not any((NAMESPACES / pod.name).exists() for pod in pods)
    assert not any(Path("/sys/class/net", network.bridge).exists() for network in (one, other))
