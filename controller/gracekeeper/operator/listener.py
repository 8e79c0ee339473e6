"""An HTTP port that strangers cannot exhaust: few connections, little time for each, and a deliberate end.

aiohttp speaks HTTP; accepting is done here. So connections are bounded before TLS costs anything, who is idle longest
makes room when all places are taken, and what the kernel has accepted is served before the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from aiohttp import web

from gracekeeper.operator.connection import Connection
from gracekeeper.operator.refusal import RefusalError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from gracekeeper.operator.connection import Idle
    from gracekeeper.operator.metrics import Metrics

    Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.Response]]

MAX_CONNECTIONS: Final = 256
"""An API server keeps a few dozen, one for each review that it has under way."""

_BACKLOG: Final = 128
_MAX_HEAD: Final = 64 * 1024
_PAUSE_SECONDS: Final = 0.1
_GOODBYE_SECONDS: Final = 1.0
_TLS_HANDSHAKE: Final = b"\x16"
_NOT_TLS: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThis port speaks HTTPS only.\n"
)

log = structlog.get_logger(__name__)


class Listener:
    """One open port; `name` is its name in metrics."""

    def __init__(
        self, name: str, handler: Handler, metrics: Metrics, *, read_seconds: float, tls: ssl.SSLContext | None = None
    ) -> None:
        self.ending = False
        self._idle: Idle = {}
        self._read_seconds = read_seconds
        self._name = name
        self._handler = handler
        self._metrics = metrics
        self._tls = tls
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)
        self._server = web.Server(cast("Any", self._handle))
        self._served: set[asyncio.Task[None]] = set()
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None

    def open(self, address: str, port: int) -> None:
        """Listen; port 0 takes a free one.

        Raises:
            OSError: the address cannot be listened on.
        """
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.create_server((address, port), family=family, backlog=_BACKLOG, dualstack_ipv6=address == "::")
        opened.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        self._socket = opened
        self._accepting = asyncio.create_task(self._accept(opened), name=f"{self._name} port")

    @property
    def port(self) -> int | None:
        """Where it listens; None while it does not."""
        return int(self._socket.getsockname()[1]) if self._socket else None

    async def close(self, drain_seconds: float) -> None:
        """Accept no more; what has begun, or never carried a request yet, gets this long to finish."""
        self.ending = True
        if self._socket and self._accepting:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
            self._accept_waiting(self._socket)
            self._socket.close()
            self._socket = None
        for connection in [each for each in self._idle if each.rests]:
            connection.force_close()
        if self._served:
            await asyncio.wait(self._served, timeout=drain_seconds)
        await self._server.shutdown(_PAUSE_SECONDS)
        for task in self._served:
            task.cancel()
        await asyncio.gather(*self._served, return_exceptions=True)

    def _refused(self, status: int) -> None:
        self._metrics.refused_requests.labels(self._name, str(status)).inc()

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        connection = cast("Connection", request.protocol)
        connection.began()
        try:
            response = await self._handler(request)
        except RefusalError as refusal:
            self._refused(refusal.status)
            response = refusal.response()
        finally:
            connection.ended()
        if self.ending:
            response.force_close()
        return response

    async def _accept(self, opened: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._places.acquire()
            try:
                accepted, _ = await loop.sock_accept(opened)
            except OSError as error:  # the client left, or there are no file descriptors left for it
                self._places.release()
                log.warning("accept_failed", port=self._name, error=errno.errorcode.get(error.errno or 0))
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            except asyncio.CancelledError:
                self._places.release()
                raise
            self._serve(accepted)

    def _accept_waiting(self, opened: socket.socket) -> None:
        # The kernel has told these clients already that they are connected.
        with contextlib.suppress(OSError):
            while True:
                self._serve(opened.accept()[0])

    def _serve(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        task = asyncio.create_task(self._serving(accepted))
        self._served.add(task)
        task.add_done_callback(self._served.discard)
        if self._places.locked() and self._idle:
            next(iter(self._idle)).force_close()

    async def _serving(self, accepted: socket.socket) -> None:
        with self._metrics.connections.labels(self._name).track_inprogress():
            try:
                connection = await self._welcome(accepted)
            except OSError:  # TLS errors, resets and timeouts are all of this kind
                self._metrics.failed_handshakes.labels(self._name).inc()
            else:
                await self._lost(connection)
            finally:
                accepted.close()
                self._places.release()

    def _connection(self) -> Connection:
        return Connection(self._server, self._idle, self._refused, self._read_seconds)

    @staticmethod
    async def _lost(connection: Connection) -> None:
        try:
            await connection.lost
        finally:
            connection.abort()

    async def _welcome(self, accepted: socket.socket) -> Connection:
        loop, connection = asyncio.get_running_loop(), self._connection()
        async with asyncio.timeout(self._read_seconds):
            if self._tls and not await _greets_in_tls(accepted):
                accepted.recv(_MAX_HEAD)  # what is left unread would take the answer with it
                await loop.sock_sendall(accepted, _NOT_TLS)
                raise ConnectionAbortedError
            # Who does not answer the goodbye of TLS is not waited for.
            goodbye = _GOODBYE_SECONDS if self._tls else None
            await loop.connect_accepted_socket(
                lambda: connection, accepted, ssl=self._tls, ssl_shutdown_timeout=goodbye
            )
        return connection


async def _greets_in_tls(accepted: socket.socket) -> bool:
    # Only looked at: TLS reads it again.
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(accepted, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(accepted)
    first = accepted.recv(1, socket.MSG_PEEK)
    if not first:
        raise ConnectionResetError
    return first == _TLS_HANDSHAKE
