"""The webhook's server, in the place of kopf's own: it outlives certificates, and stops without losing a review.

kopf's own server takes bodies of 1 MiB at most, drops connections while it reloads certificates and stops at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
import sys
from typing import TYPE_CHECKING, Final

import structlog

from gracekeeper.operator.listener import Listener
from gracekeeper.operator.reviewing import Reviewing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import kopf

    from gracekeeper.operator.health import Health
    from gracekeeper.operator.metrics import Metrics
    from gracekeeper.operator.reviewing import Recall
    from gracekeeper.settings import OperatorSettings

log = structlog.get_logger(__name__)


class WebhookServer:
    """What kopf calls as `settings.admission.server`."""

    def __init__(
        self, settings: OperatorSettings, tls: ssl.SSLContext, health: Health, metrics: Metrics, recall: Recall
    ) -> None:
        """`recall` gives the answer to a review that need not be judged again."""
        self._settings = settings
        self._recall = recall
        self._tls = tls
        self._health = health
        self._metrics = metrics
        self._listener: Listener | None = None
        health.register("webhook listener", self._amiss)

    @property
    def port(self) -> int | None:
        """Where it listens; None while it does not."""
        return self._listener.port if self._listener else None

    async def __call__(self, ask: kopf.WebhookFn) -> AsyncIterator[kopf.WebhookClientConfig]:
        """Serve reviews until kopf stops us. The webhook's configuration is the chart's; kopf is told nothing new."""
        settings = self._settings
        _keep_pauses_short()
        reviewing = Reviewing(settings, self._metrics, ask, self._recall)
        self._listener = Listener(
            "webhook", reviewing, self._metrics, read_seconds=settings.read_timeout_seconds, tls=self._tls
        )
        self._listener.open(settings.webhook_address, settings.webhook_port)
        log.info("listening", address=settings.webhook_address, port=self.port)
        try:
            yield {"service": {"name": settings.service_name, "namespace": settings.namespace}}
            await asyncio.Event().wait()
        finally:
            await self._close()

    async def drain(self) -> None:
        """Stop without losing a review: be unready, serve on until nobody sends any more, then close."""
        self._health.draining = True
        log.info("draining", endpoint_delay_seconds=self._settings.endpoint_delay_seconds)
        if self._listener:
            self._listener.ending = True
            await asyncio.sleep(self._settings.endpoint_delay_seconds)
            await self._close()

    async def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            await listener.close(self._settings.drain_seconds)
            log.info("closed")

    async def _amiss(self) -> str | None:
        if self.port is None:
            return "the port is not open yet"
        try:
            async with asyncio.timeout(1):
                await self._greet(self.port)
        except OSError as error:
            return f"the port does not answer in TLS ({type(error).__name__})"
        return None

    async def _greet(self, port: int) -> None:
        # Who answers is not asked here: whether the certificate is valid is another check.
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname = False
        anybody.verify_mode = ssl.CERT_NONE
        address = _LOOPBACK.get(self._settings.webhook_address, self._settings.webhook_address)
        _, writer = await asyncio.open_connection(address, port, ssl=anybody)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _keep_pauses_short() -> None:
    # A thread that judges a large review lets go of the interpreter 1,000 times a second, not 200 times; and what the
    # start has made is for good, so no collection walks through it again: half of what delayed a review beside a large
    # one.
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()


_SWITCH_SECONDS: Final = 0.001
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to connect to, not to bind
