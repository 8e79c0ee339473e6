"""Reviews as the API server sends them, those who answer them, and a webhook that runs."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import msgspec
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gracekeeper.operator.cluster import Cluster
from gracekeeper.operator.health import Health
from gracekeeper.operator.judges import Judges
from gracekeeper.operator.metrics import Metrics
from gracekeeper.operator.review import Review
from gracekeeper.operator.server import WebhookServer
from gracekeeper.operator.tls import ServingCertificate
from gracekeeper.settings import OperatorSettings
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kopf import WebhookFn

    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.policy import GracePolicy

    Answering = Callable[..., Coroutine[Any, Any, dict[str, Any]]]

Values: TypeAlias = dict[str, Any]
Reviewed: TypeAlias = Callable[..., Review]
Judged: TypeAlias = Callable[..., Judges]

DAY = date(2026, 11, 22)

_SAFE: Values = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER: Values = {
    "name": "web",
    "image": "registry.example.com/web:1.4.2",
    "command": ["gunicorn", "--bind=0.0.0.0:8000", "--timeout=15", "--graceful-timeout=20", "app:app"],
    "resources": {"limits": {"memory": "512Mi", "cpu": "1"}},
    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8000}},
    "livenessProbe": {"httpGet": {"path": "/alive", "port": 8000}, "failureThreshold": 30},
    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    "env": [{"name": "PYTHONUNBUFFERED", "value": "1"}],
    "securityContext": _SAFE,
}
_DEPLOYMENT: Values = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [_CONTAINER], "volumes": [{"name": "tmp", "emptyDir": {}}]},
        },
    },
}


@pytest.fixture
def deployment() -> Values:
    """A Deployment in which no rule finds an error; the test's own to change."""
    return deepcopy(_DEPLOYMENT)


@pytest.fixture
def reviewed() -> Reviewed:
    """Makes the review of an object: of its creation, or of its update where there is an old one."""

    def make(new: Values | None, old: Values | None = None, user: str = "ada", **fields: object) -> Review:
        request = {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "operation": "CREATE" if old is None else "UPDATE",
            "namespace": "shop",
            "userInfo": {"username": user},
            "object": new,
            "oldObject": old,
        }
        return msgspec.json.decode(msgspec.json.encode(request | fields), type=Review)

    return make


class Held:
    """Policies and exceptions that hold everywhere."""

    def __init__(self, policies: Sequence[GracePolicy], exceptions: Sequence[GraceException] = ()) -> None:
        """They never change."""
        self.policies = policies
        self.exceptions = exceptions

    def in_force(self, _namespace: str) -> Held:
        """The same in every namespace."""
        return self


@pytest.fixture
def judges() -> Judged:
    """Makes those who judge under some policies, in an empty cluster unless there is another one."""

    def make(*policies: GracePolicy, cluster: Cluster | None = None) -> Judges:
        return Judges(cluster or Cluster(), Held(policies or (STANDARD,)), RULES, lambda: DAY)

    return make


T = TypeVar("T")


@dataclass(frozen=True)
class KeyPair:
    """A certificate that says who it is, and its key, as files."""

    name: str
    certificate: Path
    key: Path


@pytest.fixture(scope="session")
def key_pair(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], KeyPair]:
    """Issues a self-signed certificate for a name."""

    def issue(name: str) -> KeyPair:
        folder = tmp_path_factory.mktemp(name)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pair = KeyPair(name, folder / "tls.crt", folder / "tls.key")
        pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return pair

    return issue


@pytest.fixture
def review() -> Callable[..., dict[str, Any]]:
    """Writes an admission review as the API server sends it: a Deployment `shop/web` is created, if not told else."""
    return _review


def _review(**request: object) -> dict[str, Any]:
    kind = {"group": "apps", "version": "v1", "kind": "Deployment"}
    resource = {"group": "apps", "version": "v1", "resource": "deployments"}
    asked = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": "web",
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "ada", "groups": ["developers"]},
        "object": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}},
        "oldObject": None,
        "dryRun": False,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked | request}


@dataclass
class Webhook:
    """A webhook server that runs in a thread of its own, on uvloop as in production."""

    settings: OperatorSettings
    ask: WebhookFn
    certificate: ServingCertificate = field(init=False)
    server: WebhookServer = field(init=False)
    loop: asyncio.AbstractEventLoop = field(init=False)
    health: Health = field(default_factory=Health)
    metrics: Metrics = field(default_factory=Metrics)
    complaints: list[dict[str, Any]] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, run in the webhook's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self.server.port is not None
        return self.server.port

    def connect(self, timeout: float = 10) -> http.client.HTTPSConnection:
        """A connection as an API server's; which certificate it sees is not its question."""
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=anybody)

    def post(self, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of one request on a connection of its own."""
        connection = self.connect()
        try:
            return self.exchange(connection, body, **headers)
        finally:
            connection.close()

    @staticmethod
    def exchange(connection: http.client.HTTPSConnection, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of one request on this connection."""
        sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
        connection.request("POST", "/", sent, {"Content-Type": "application/json"} | headers)
        response = connection.getresponse()
        return response.status, msgspec.json.decode(response.read())

    def metric(self, name: str, **labels: str) -> float:
        """The value of a metric; 0 where nothing was counted."""
        return self.metrics.registry.get_sample_value(name, labels) or 0


async def admitted(_request: object, **_options: object) -> dict[str, Any]:
    """What kopf answers where no handler objects."""
    return {"response": {"uid": "", "allowed": True}}


@pytest.fixture
def webhook(key_pair: Callable[[str], KeyPair]) -> Callable[..., AbstractContextManager[Webhook]]:
    """Runs a webhook while the block does; `ask` stands for kopf, further arguments are settings. Nothing is known."""

    @contextmanager
    def running(ask: Answering = admitted, **settings: object) -> Iterator[Webhook]:
        quick = {"webhook_port": 0, "webhook_address": "127.0.0.1", "endpoint_delay_seconds": 0.2, "drain_seconds": 5}
        webhook = Webhook(OperatorSettings().model_copy(update=quick | settings), cast("WebhookFn", ask))
        listening, stop = threading.Event(), asyncio.Event()

        async def serve() -> None:
            webhook.loop = asyncio.get_running_loop()
            webhook.loop.set_exception_handler(lambda _loop, context: webhook.complaints.append(context))
            webhook.certificate = ServingCertificate()
            pair = key_pair("first")
            await webhook.certificate.load(pair.certificate, pair.key)
            webhook.server = WebhookServer(
                webhook.settings,
                webhook.certificate.context,
                webhook.health,
                webhook.metrics,
                recall=lambda _review: None,
            )
            configurations = cast("AsyncGenerator[object, None]", webhook.server(webhook.ask))
            await anext(configurations)
            listening.set()
            await stop.wait()
            await configurations.aclose()

        thread = threading.Thread(target=lambda: uvloop.run(serve()))
        thread.start()
        assert listening.wait(10)
        try:
            yield webhook
        finally:
            webhook.loop.call_soon_threadsafe(stop.set)
            thread.join(20)
        assert [] == webhook.complaints
        assert not thread.is_alive()

    return running
