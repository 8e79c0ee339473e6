"""A real API server asks all the while: neither a new certificate nor a rolling restart costs it one answer."""

from __future__ import annotations

import base64
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.cluster.client import Client, Manifest
    from tests.cluster.network import PodNetwork
    from tests.controller.operator.conftest import KeyPair, Webhook

    RunWebhook = Callable[..., AbstractContextManager[Webhook]]

pytestmark = pytest.mark.cluster

CLIENTS = 8
REVIEWS_A_SECOND = 100


class Asked:
    """An API server that asks a Service about every ConfigMap of one namespace, and takes silence for a no."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.host = f"webhook.{namespace}.svc"

    def register(self, *trusted: KeyPair) -> Manifest:
        """Have it ask, and trust these certificates."""
        bundle = b"".join(pair.certificate.read_bytes() for pair in trusted)
        service = {"ports": [{"port": 443, "targetPort": 8443}]}
        self.client.create(self._object("v1", "Service", "webhook", spec=service)).object()
        webhook: dict[str, Any] = {
            "name": "webhook.example.org",
            "rules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
            ],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}},
            "clientConfig": {
                "service": {"name": "webhook", "namespace": self.namespace},
                "caBundle": base64.b64encode(bundle).decode(),
            },
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "timeoutSeconds": 5,
        }
        registered = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": self.namespace},
            "webhooks": [webhook],
        }
        return self.client.create(registered).object()

    def endpoint(self, address: str, port: int) -> Manifest:
        """Lead the Service to a replica."""
        slice_ = self._object(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            f"webhook-{port}",
            addressType="IPv4",
            endpoints=[{"addresses": [address], "conditions": {"ready": True}}],
            ports=[{"name": "", "port": port, "protocol": "TCP"}],
        )
        slice_["metadata"]["labels"] = {"kubernetes.io/service-name": "webhook"}
        return self.client.create(slice_).object()

    def answered(self) -> str:
        """What a request fails with; empty where it does not."""
        answer = self.client.create(self._object("v1", "ConfigMap", "c"), dry_run=True)
        return "" if answer.admitted else answer.message

    def _object(self, version: str, kind: str, name: str, **fields: object) -> Manifest:
        metadata: Manifest = {"name": name, "namespace": self.namespace}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


class Load:
    """Requests at a steady rate from a few clients, and what failed of them."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.count = 0
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._clients = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self) -> Self:
        """Begin."""
        for each in self._clients:
            each.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End, and wait for the last answers."""
        self._stop.set()
        for each in self._clients:
            each.join()

    def _ask(self) -> None:
        while not self._stop.wait(CLIENTS / REVIEWS_A_SECOND):
            failure = self.asked.answered()
            self.count += 1
            if failure:
                self.failures.append(failure)


@pytest.fixture
def asked(client: Client, namespace: str) -> Asked:
    """The API server of the control plane, before it asks."""
    return Asked(client, namespace)


@pytest.fixture
def replica(
    webhook: RunWebhook, asked: Asked, pod_network: PodNetwork
) -> Callable[[KeyPair], AbstractContextManager[Webhook]]:
    """Runs a replica that shows a certificate and that the Service leads to."""

    @contextmanager
    def running(pair: KeyPair) -> Iterator[Webhook]:
        with webhook(webhook_address=pod_network.host, endpoint_delay_seconds=2.0) as replica:
            replica.run(replica.certificate.load(pair.certificate, pair.key))
            endpoint = asked.endpoint(pod_network.host, replica.port)
            yield replica
            # The end as Kubernetes has it: SIGTERM and the endpoint's removal race.
            leaving = threading.Timer(1.0, lambda: asked.client.delete(endpoint).object())
            leaving.start()
            replica.run(replica.server.drain())
            leaving.join()

    return running


def test_certificates_are_renewed_without_a_lost_review(
    asked: Asked, replica: Callable[[KeyPair], AbstractContextManager[Webhook]], key_pair: Callable[[str], KeyPair]
) -> None:
    """Every review comes on a new connection, and the API server trusts the old one and the new one."""
    pairs = [key_pair(asked.host) for _ in range(4)]
    registered = asked.register(*pairs)
    with replica(pairs[0]) as running:
        assert running.server._listener is not None
        running.server._listener.ending = True  # each review takes a handshake of its own
        eventually(asked)
        with Load(asked) as load:
            for pair in pairs * 2:
                time.sleep(0.5)
                running.run(running.certificate.load(pair.certificate, pair.key))
        assert [] == load.failures
        assert load.count > 100
        asked.client.delete(registered).object()


def test_a_rolling_restart_loses_no_review(
    asked: Asked, replica: Callable[[KeyPair], AbstractContextManager[Webhook]], key_pair: Callable[[str], KeyPair]
) -> None:
    """Two replicas are replaced, one after the other, and the API server notices nothing."""
    pair = key_pair(asked.host)
    registered = asked.register(pair)
    with ExitStack() as new, ExitStack() as first, ExitStack() as second:
        for old in (first, second):
            old.enter_context(replica(pair))
        eventually(asked)
        with Load(asked) as load:
            for old in (first, second):
                new.enter_context(replica(pair))
                time.sleep(0.5)
                old.close()
        assert [] == load.failures
        assert load.count > 100
        asked.client.delete(registered).object()


def eventually(asked: Asked) -> None:
    """Wait until the API server knows webhook and endpoints."""
    deadline = time.monotonic() + 20
    while failure := asked.answered():
        assert time.monotonic() < deadline, failure
        time.sleep(0.1)
