"""A real API server calls a webhook whose certificates are its own, through all of their renewals.

The chart's rights are all that the replicas have here, so these are seen to suffice.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import kopf
import pytest
import yaml
from aiohttp import web

from gracekeeper.operator.api import Api
from gracekeeper.operator.certificates import Certificates
from gracekeeper.operator.tls import ServingCertificate
from gracekeeper.settings import OperatorSettings
from tests.cluster.client import eventually
from tests.cluster.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork

LOOK_EVERY_SECONDS: Final = 0.1
NOW: Final = datetime.now(UTC)
FOUNDED: Final = NOW - timedelta(days=732)
PREPARED: Final = NOW - timedelta(days=1)


class Replicas:
    """Two replicas, of which one serves; they believe what the test tells them of the time."""

    def __init__(self, settings: OperatorSettings, login: kopf.ConnectionInfo, address: str) -> None:
        self.now = FOUNDED
        self.port = 0
        self.reviews = 0
        self._settings = settings
        self._login = login
        self._address = address
        self._stopped = threading.Event()

    @contextmanager
    def running(self) -> Iterator[Replicas]:
        """Run them in a thread of their own."""
        thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        thread.start()
        try:
            eventually(lambda: self.port)
            yield self
        finally:
            self._stopped.set()
            thread.join()

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            apis = [await stack.enter_async_context(Api(lambda: self._login)) for _ in range(2)]
            served, _ = [
                await stack.enter_async_context(
                    Certificates.of(self._settings, api, lambda: self.now, LOOK_EVERY_SECONDS)
                )
                for api in apis
            ]
            shown = ServingCertificate()
            following = asyncio.create_task(shown.follow(served.changes()))
            await shown.loaded.wait()
            await self._serve(shown)
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    async def _serve(self, shown: ServingCertificate) -> None:
        application = web.Application()
        application.router.add_post("/", self._admit)
        runner = web.AppRunner(application, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, self._address, 0, ssl_context=shown.context).start()
        self.port = runner.addresses[0][1]
        await asyncio.to_thread(self._stopped.wait)
        await runner.cleanup()

    async def _admit(self, request: web.Request) -> web.Response:
        review = await request.json()
        self.reviews += 1
        review["response"] = {"uid": review.pop("request")["uid"], "allowed": True}
        # The API server connects anew each time, and so is shown each certificate.
        return web.json_response(review, headers={"Connection": "close"})


@pytest.fixture
def replicas(control_plane: ControlPlane, pod_network: PodNetwork, namespace: str) -> Iterator[Replicas]:
    """Replicas with the rights that the chart gives, behind a Service."""
    client = control_plane.client
    for manifest in rights(control_plane, namespace):
        client.apply(manifest).object()
    registered = client.create(registration(namespace)).object()
    token = client.request("POST", client.path(account(namespace), "token"), {"spec": {}}).object()["status"]["token"]
    login = kopf.ConnectionInfo(server=control_plane.url, ca_path=str(control_plane.credentials.authority), token=token)
    settings = OperatorSettings(
        namespace=namespace,
        service_name=namespace,
        webhook_configuration=namespace,
        certificate_secret=f"{namespace}-tls",
    )
    with Replicas(settings, login, pod_network.host).running() as running:
        for manifest in service(namespace, pod_network.host, running.port):
            client.create(manifest).object()
        yield running
    client.delete(registered).object()


def test_no_review_fails_while_everything_is_renewed(replicas: Replicas, namespace: str, client: Client) -> None:
    """The certificate is renewed, a second authority is trusted, and then it signs."""
    replicas.now = PREPARED
    eventually(lambda: "next-ca.crt" in secret(client, namespace)["data"])
    first = secret(client, namespace)["data"]
    eventually(lambda: admits(client, namespace))
    replicas.now = NOW
    answers = [admits(client, namespace) for _ in range(100)]
    second = secret(client, namespace)["data"]
    answers += [admits(client, namespace) for _ in range(100)]

    assert all(answers)
    assert replicas.reviews >= len(answers)
    assert (second["ca.crt"], second["previous-ca.crt"]) == (first["next-ca.crt"], first["ca.crt"])
    assert second["tls.crt"] != first["tls.crt"]


def test_a_secret_that_is_deleted_is_made_anew_and_trusted(replicas: Replicas, namespace: str, client: Client) -> None:
    """The way out after a key was lost."""
    replicas.now = NOW
    eventually(lambda: admits(client, namespace))
    before = secret(client, namespace)
    client.delete(before).object()
    eventually(lambda: client.get(before).admitted)

    assert secret(client, namespace)["data"]["ca.crt"] != before["data"]["ca.crt"]
    assert eventually(lambda: admits(client, namespace))


def rights(control_plane: ControlPlane, name: str) -> Iterator[Manifest]:
    """What the chart allows an operator of this name, in a namespace of this name."""
    where = ["--namespace", name, "--show-only", "templates/rbac.yaml", "--set", f"fullnameOverride={name}"]
    rendered = control_plane.helm("template", name, ROOT / "charts" / "gracekeeper", *where)
    assert rendered.returncode == 0, rendered.stderr
    manifests: list[Manifest] = list(yaml.safe_load_all(rendered.stdout))
    yield from manifests


def account(name: str) -> Manifest:
    """The ServiceAccount of an operator."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": name}}


def service(name: str, address: str, port: int) -> list[Manifest]:
    """The Service by which the API server calls, and the one address behind it."""
    metadata: Manifest = {"name": name, "namespace": name}
    labels = {"kubernetes.io/service-name": name}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"ports": [{"name": "https", "port": 443}]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**metadata, "labels": labels},
            "addressType": "IPv4",
            "ports": [{"name": "https", "port": port}],
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        },
    ]


def registration(name: str) -> Manifest:
    """The API server asks about every ConfigMap of the namespace, and takes silence for a no."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    webhook: dict[str, Any] = {
        "name": "certificates.example.org",
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}},
        "clientConfig": {"service": {"name": name, "namespace": name, "path": "/"}},
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [webhook],
    }


def admits(client: Client, namespace: str) -> bool:
    """Whether the API server reached the webhook about a ConfigMap."""
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}}
    return client.create(manifest, dry_run=True).admitted


def secret(client: Client, namespace: str) -> Manifest:
    """The Secret that the replicas share."""
    metadata = {"name": f"{namespace}-tls", "namespace": namespace}
    return client.get({"apiVersion": "v1", "kind": "Secret", "metadata": metadata}).object()
