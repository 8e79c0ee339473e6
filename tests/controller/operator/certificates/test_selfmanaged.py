"""Replicas agree on certificates through an API server of a few lines, which knows versions, conflicts and patches."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import kopf
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.api import Api, RefusedError
from gracekeeper.operator.certificates.secret import SharedSecret
from gracekeeper.operator.certificates.selfmanaged import SelfManaged
from gracekeeper.operator.certificates.trust import Trust

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gracekeeper.operator.certificates.keypair import KeyPair

Manifest: TypeAlias = "dict[str, Any]"

SECRET = "/api/v1/namespaces/gracekeeper/secrets/gracekeeper-tls"  # noqa: S105 - a path
CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gracekeeper"
HOST = "gracekeeper.gracekeeper.svc"
START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class ApiServer:
    """Holds objects by their paths; refuses what it was told to refuse."""

    def __init__(self) -> None:
        self.objects: dict[str, Manifest] = {}
        self.refused: dict[str, int] = {}
        self.asked: list[str] = []
        self._versions = 0
        webhooks = [{"name": name, "clientConfig": {"service": {"name": "gracekeeper"}}} for name in ("a", "b")]
        self.put(CONFIGURATION, {"metadata": {"name": "gracekeeper"}, "webhooks": webhooks})

    def put(self, path: str, manifest: Manifest) -> Manifest:
        """Keep an object in a new version."""
        self._versions += 1
        metadata = {**manifest["metadata"], "resourceVersion": str(self._versions)}
        self.objects[path] = {**manifest, "metadata": metadata}
        return self.objects[path]

    @property
    def data(self) -> dict[str, bytes]:
        """What the Secret holds."""
        return {key: b64decode(value) for key, value in self.objects[SECRET]["data"].items()}

    @property
    def bundles(self) -> list[bytes]:
        """The caBundle of each webhook."""
        return [b64decode(each["clientConfig"]["caBundle"]) for each in self.objects[CONFIGURATION]["webhooks"]]

    @property
    def writes(self) -> list[str]:
        """What was asked to be written since this was last read."""
        written, self.asked = [each for each in self.asked if not each.startswith("GET")], []
        return written

    def trusts(self, leaf: KeyPair, now: datetime) -> bool:
        """Whether this server would call a webhook that shows this certificate."""
        for bundle in self.bundles:
            store = Store(x509.load_pem_x509_certificates(bundle))
            verifier = PolicyBuilder().store(store).time(now).build_server_verifier(x509.DNSName(HOST))
            verifier.verify(leaf.x509, [])
        return True

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as the real one does."""
        self.asked.append(f"{request.method} {request.path}")
        body = json.loads(await request.text() or "{}")
        await asyncio.sleep(0.001)  # so that replicas get in each other's way
        status = self.refused.get(f"{request.method} {request.path}", 0)
        answer: Manifest = {}
        if not status:
            status, answer = getattr(self, f"_{request.method.lower()}")(request.path, body)
        return web.json_response(answer, status=status)

    def _get(self, path: str, _: Manifest) -> tuple[int, Manifest]:
        return (200, self.objects[path]) if path in self.objects else (404, {})

    def _post(self, folder: str, body: Manifest) -> tuple[int, Manifest]:
        path = f"{folder}/{body['metadata']['name']}"
        return (409, {}) if path in self.objects else (201, self.put(path, body))

    def _put(self, path: str, body: Manifest) -> tuple[int, Manifest]:
        is_current = body["metadata"]["resourceVersion"] == self.objects[path]["metadata"]["resourceVersion"]
        return (200, self.put(path, body)) if is_current else (409, {})

    def _patch(self, path: str, body: Manifest) -> tuple[int, Manifest]:
        patched = {each["name"]: each["clientConfig"] for each in body["webhooks"]}
        webhooks = self.objects[path]["webhooks"]
        for each in webhooks:
            each["clientConfig"] = {**each["clientConfig"], **patched.get(each["name"], {})}
        return 200, self.put(path, self.objects[path])


class Replicas:
    """Some replicas of the operator, and the time that they all see."""

    def __init__(self, apis: list[Api]) -> None:
        self.now = START
        self._replicas = [
            SelfManaged(
                SharedSecret(api, "gracekeeper", "gracekeeper-tls"), Trust(api, "gracekeeper"), HOST, lambda: self.now
            )
            for api in apis
        ]

    async def look(self) -> KeyPair:
        """One replica looks."""
        return await self._replicas[0].look()

    async def look_all(self) -> list[KeyPair]:
        """All look at once."""
        return await asyncio.gather(*(each.look() for each in self._replicas))


@pytest.fixture
def server() -> ApiServer:
    """An API server with our configuration of two webhooks that trust nobody yet."""
    return ApiServer()


@asynccontextmanager
async def replicas(server: ApiServer, count: int = 1) -> AsyncIterator[Replicas]:
    """So many replicas, each with connections of its own."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        login = kopf.ConnectionInfo(server=f"http://{host}:{port}")
        yield Replicas([await stack.enter_async_context(Api(lambda: login)) for _ in range(count)])


def test_the_first_look_makes_a_certificate_that_api_servers_trust(server: ApiServer) -> None:
    """Both webhooks of the configuration are told."""

    async def look() -> KeyPair:
        async with replicas(server) as ours:
            return await ours.look()

    leaf = asyncio.run(look())
    assert server.trusts(leaf, START)
    assert {"ca.crt", "ca.key", "tls.crt", "tls.key"} == set(server.data)
    assert server.data["tls.key"] == leaf.key


def test_replicas_that_start_at_once_show_the_same_certificate(server: ApiServer) -> None:
    """Whoever writes first wins; the others read what he wrote."""

    async def look() -> list[KeyPair]:
        async with replicas(server, 4) as ours:
            return await ours.look_all()

    first, *others = asyncio.run(look())
    assert others == [first] * 3
    assert server.trusts(first, START)


def test_where_nothing_is_due_nothing_is_written(server: ApiServer) -> None:
    """Replicas look every few seconds, for years."""

    async def look() -> list[str]:
        async with replicas(server, 2) as ours:
            await ours.look_all()
            assert server.writes
            ours.now += timedelta(days=30)
            await ours.look_all()
            return server.writes

    assert asyncio.run(look()) == []


def test_an_empty_secret_of_the_chart_is_filled_and_keeps_its_labels(server: ApiServer) -> None:
    """The chart makes it, so that the operator needs no right to create Secrets."""
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    server.put(SECRET, {"metadata": {"name": "gracekeeper-tls", "labels": labels}, "type": "Opaque"})

    async def look() -> None:
        async with replicas(server) as ours:
            await ours.look()

    asyncio.run(look())
    filled = server.objects[SECRET]
    assert (filled["metadata"]["labels"], filled["type"]) == (labels, "Opaque")
    assert filled["metadata"]["annotations"] == {"gracekeeper.dev/certificates": "self-managed"}


def test_a_secret_that_somebody_else_filled_is_left_alone(server: ApiServer) -> None:
    """It may be cert-manager's, who would fill it again, and so on for ever."""
    theirs = server.put(SECRET, {"metadata": {"name": "gracekeeper-tls"}, "data": {"tls.crt": "QQ=="}})

    async def look() -> None:
        async with replicas(server) as ours:
            await ours.look()

    with pytest.raises(ConfigurationError, match="gracekeeper-tls in gracekeeper holds something that is not ours"):
        asyncio.run(look())
    assert server.objects[SECRET] == theirs


@pytest.mark.parametrize("gone", ["tls.crt", "tls.key"])
def test_taking_the_certificate_out_of_the_secret_renews_it_under_the_same_authority(
    server: ApiServer, gone: str
) -> None:
    """The way to renew by hand; nobody has to trust anybody new."""

    async def look() -> tuple[KeyPair, KeyPair]:
        async with replicas(server) as ours:
            first = await ours.look()
            authority = server.data["ca.crt"]
            server.objects[SECRET]["data"][gone] = b64encode(b"nonsense").decode()
            second = await ours.look()
            assert server.data["ca.crt"] == authority
            return first, second

    first, second = asyncio.run(look())
    assert first != second
    assert server.trusts(second, START)


def test_a_ca_bundle_that_is_taken_away_is_written_again(server: ApiServer) -> None:
    """An installation by other means than Helm may write the configuration anew."""

    async def look() -> KeyPair:
        async with replicas(server) as ours:
            await ours.look()
            del server.objects[CONFIGURATION]["webhooks"][1]["clientConfig"]["caBundle"]
            return await ours.look()

    assert server.trusts(asyncio.run(look()), START)


def test_a_configuration_that_comes_later_is_told_then(server: ApiServer) -> None:
    """Helm creates webhook configurations last."""
    configuration = server.objects.pop(CONFIGURATION)

    async def look() -> KeyPair:
        async with replicas(server) as ours:
            first = await ours.look()
            server.put(CONFIGURATION, configuration)
            assert await ours.look() == first
            return first

    assert server.trusts(asyncio.run(look()), START)


def test_two_replicas_live_through_seven_years_without_showing_what_is_not_trusted(server: ApiServer) -> None:
    """Before and after every look: the renewals of certificates and of the authority included."""

    async def live() -> set[bytes]:
        authorities = set()
        async with replicas(server, 2) as ours:
            shown = await ours.look_all()
            while ours.now < START + timedelta(days=7 * 365):
                ours.now += timedelta(days=9)
                assert all(server.trusts(each, ours.now) for each in shown)
                shown[0] = await ours.look()
                assert all(server.trusts(each, ours.now) for each in shown)
                shown = await ours.look_all()
                authorities.add(server.data["ca.crt"])
        return authorities

    assert len(asyncio.run(live())) == 4


@pytest.mark.parametrize(
    "refused",
    [f"GET {SECRET}", f"GET {CONFIGURATION}", f"PATCH {CONFIGURATION}", f"POST {SECRET.rpartition('/')[0]}"],
)
def test_a_refusal_is_told_with_what_was_refused(server: ApiServer, refused: str) -> None:
    """Most likely a right is missing, and the message says which."""
    server.refused[refused] = 403

    async def look() -> None:
        async with replicas(server) as ours:
            await ours.look()

    with pytest.raises(RefusedError, match=f"^the API server answered 403 to {refused}$"):
        asyncio.run(look())
