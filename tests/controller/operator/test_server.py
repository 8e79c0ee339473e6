"""The webhook's server: one certificate after the other, and an end that loses no review."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

    from tests.controller.operator.conftest import KeyPair, Webhook

    RunWebhook = Callable[..., AbstractContextManager[Webhook]]
    WriteReview = Callable[..., dict[str, Any]]

ADMITTED = {"uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "allowed": True}


def name_shown(webhook: Webhook) -> str:
    """The name in the certificate that a new connection is shown."""
    pem = ssl.get_server_certificate(("127.0.0.1", webhook.port), timeout=5)
    common, *_ = x509.load_pem_x509_certificate(pem.encode()).subject
    return str(common.value)


def test_a_new_certificate_is_shown_on_the_open_port(
    webhook: RunWebhook, review: WriteReview, key_pair: Callable[[str], KeyPair]
) -> None:
    """A renewal ends no connection, and the next handshake sees it."""
    renewed = key_pair("renewed")
    with webhook() as running:
        connection = running.connect()
        assert "first" == name_shown(running)
        running.exchange(connection, review())
        running.run(running.certificate.load(renewed.certificate, renewed.key))
        assert "renewed" == name_shown(running)
        kept = connection.sock
        running.exchange(connection, review())
        assert connection.sock is kept
        connection.close()


def test_a_certificate_without_its_key_leaves_the_old_one_in_force(
    webhook: RunWebhook, key_pair: Callable[[str], KeyPair]
) -> None:
    """Whoever writes two files has a moment between them."""
    renewed, other = key_pair("renewed"), key_pair("other")
    with webhook() as running:
        with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
            running.run(running.certificate.load(renewed.certificate, other.key))
        assert "first" == name_shown(running)


def test_draining_serves_on_while_readiness_fails(webhook: RunWebhook, review: WriteReview) -> None:
    """Until every API server knows that this replica is gone, reviews come; each answer asks to come elsewhere."""
    with webhook(endpoint_delay_seconds=1.0) as running:
        connection, port = running.connect(), running.port
        assert {"webhook listener": None} == running.run(running.health.amiss())
        running.exchange(connection, review())
        draining = threading.Thread(target=lambda: running.run(running.server.drain()))
        draining.start()
        time.sleep(0.3)
        assert ["draining"] == list(running.run(running.health.amiss()))
        status, answer = running.exchange(connection, review())
        assert (200, ADMITTED) == (status, answer["response"])
        assert connection.sock is None, "the answer asked for the connection's end"
        assert 200 == running.post(review())[0], "new connections are served too"
        draining.join()
        with pytest.raises(ConnectionRefusedError):
            ssl.get_server_certificate(("127.0.0.1", port), timeout=5)


def test_a_review_that_runs_when_the_port_closes_is_answered(webhook: RunWebhook, review: WriteReview) -> None:
    """It came before the end, so it is waited for."""
    begun = threading.Event()

    async def slow(_request: object, **_options: object) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(1)
        return {"response": {"allowed": True}}

    with webhook(slow, endpoint_delay_seconds=0) as running:
        answers: list[object] = []
        asking = threading.Thread(target=lambda: answers.append(running.post(review())[0]))
        asking.start()
        begun.wait(5)
        running.run(running.server.drain())
        asking.join()
        assert [200] == answers


def test_the_end_is_not_put_off_for_ever(webhook: RunWebhook, review: WriteReview) -> None:
    """The grace period is the chart's; what takes longer than `drain_seconds` is cut within it."""
    begun = threading.Event()

    async def endless(_request: object, **_options: object) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(60)
        return {"response": {"allowed": True}}

    def ask() -> None:
        with pytest.raises((OSError, HTTPException)):
            running.post(review())

    with webhook(endless, endpoint_delay_seconds=0, drain_seconds=0.3, review_timeout_seconds=60) as running:
        asking = threading.Thread(target=ask)
        asking.start()
        begun.wait(5)
        before = time.monotonic()
        running.run(running.server.drain())
        assert time.monotonic() - before < 3
        asking.join()


def test_idle_connections_do_not_put_the_end_off(webhook: RunWebhook, review: WriteReview) -> None:
    """An API server keeps its connections; what was idle for the whole delay has nothing under way."""
    with webhook(endpoint_delay_seconds=0) as running:
        connection = running.connect()
        running.exchange(connection, review())
        before = time.monotonic()
        running.run(running.server.drain())
        assert time.monotonic() - before < 3
        connection.close()


def test_a_closed_port_is_not_ready(webhook: RunWebhook) -> None:
    """Readiness asks the port itself, as a client would."""
    with webhook(endpoint_delay_seconds=0) as running:
        running.run(running.server.drain())
        running.health.draining = False
        assert {"webhook listener": "the port is not open yet"} == running.run(running.health.amiss())
