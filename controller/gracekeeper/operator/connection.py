"""One connection to a port of ours: it knows whether it is idle, and what is sent drop by drop ends it.

An idle connection is kept for longer than API servers keep theirs (90 s): closing it just when a review is sent on it
would lose the review.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import structlog
from aiohttp import web

from gracekeeper.operator.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable

Idle: TypeAlias = "dict[Connection, None]"
"""The connections without a request, the longest idle first."""

_IDLE_SECONDS: Final = 150.0

log = structlog.get_logger(__name__)


class Connection(web.RequestHandler):
    """One connection, which knows whether it is idle, and gives a request's head only so much time."""

    def __init__(self, server: web.Server, idle: Idle, refused: Callable[[int], None], read_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=_IDLE_SECONDS,
            lingering_time=read_seconds,
            auto_decompress=False,
        )
        self.lost: asyncio.Future[None] = loop.create_future()
        self._used = False
        self._idle = idle
        self._refused = refused
        self._read_seconds = read_seconds
        self._head_timer: asyncio.TimerHandle | None = None
        self._link: asyncio.Transport | None = None

    @property
    def rests(self) -> bool:
        """Whether it carried requests, and nothing of the next one has come."""
        return self._used and self._head_timer is None

    def began(self) -> None:
        """A request's head is complete."""
        self._used = True
        self._idle.pop(self, None)
        self._stop_timer()

    def ended(self) -> None:
        """A request is answered, or its client has left."""
        if self.connected:
            self._idle[self] = None

    def abort(self) -> None:
        """End the connection without a goodbye."""
        if self._link:
            self._link.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection's place among the idle ones."""
        self._link = cast("asyncio.Transport", transport)
        self._idle[self] = None
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Give the head that begins here its time."""
        if self in self._idle and self._head_timer is None:
            self._head_timer = self._loop.call_later(self._read_seconds, self.force_close)
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place back."""
        super().connection_lost(exc)
        self._stop_timer()
        self._idle.pop(self, None)
        if not self.lost.done():
            self.lost.set_result(None)

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - the signature is aiohttp's
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, or a failure of ours, without quoting what was sent."""
        if isinstance(exc, ConnectionError):
            raise exc  # the client left, and hears no answer
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request_failed", exc_info=exc)
        self._refused(status)
        told = "The request is no valid HTTP." if message else "Gracekeeper failed to handle the request."
        return RefusalError(HTTPStatus(status), told).response()

    def _stop_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
