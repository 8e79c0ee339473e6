"""What we ask of the API server: answers of lists, lines of watches, and the few objects that we write."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType

    import kopf

CONNECT_SECONDS: Final = 10
"""How long a connection may take to come about."""

LIST_SECONDS: Final = 60
"""How long one page of a list may take."""

WRITE_SECONDS: Final = 10
"""How long it may take to write an object."""

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH: Final = "application/strategic-merge-patch+json"

SILENCE_SECONDS: Final = 150
"""How long a watch may say nothing: the API server sends a bookmark about every minute."""

Method: TypeAlias = Literal["DELETE", "PATCH", "POST", "PUT"]

_UNAUTHORIZED: Final = 401
_ERRORS: Final = 400


class RefusedError(Exception):
    """The API server answered with an error; `code` is HTTP's."""

    def __init__(self, code: int, asked: str = "") -> None:
        """`asked` is method and path; the answer's text is left out, since it may quote an object."""
        super().__init__(f"the API server answered {code}{asked and f' to {asked}'}")
        self.code = code


class Api:
    """The API server, as one service account sees it.

    `login` gives the server's address and our credentials; it is asked again when these are no longer taken. It may
    read files, so it runs beside the event loop.
    """

    def __init__(self, login: Callable[[], kopf.ConnectionInfo]) -> None:
        """Nothing is read and nothing connected before somebody asks."""
        self._login = login
        self._session: aiohttp.ClientSession | None = None
        self._entering = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Give itself; what it opens is closed at the end."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close what is open."""
        await self._leave()

    async def read(self, path: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Read a whole answer.

        Raises:
            RefusedError: the API server answered with an error.
            aiohttp.ClientError, TimeoutError: it could not be reached.
        """
        within = aiohttp.ClientTimeout(LIST_SECONDS, sock_connect=CONNECT_SECONDS)
        async with self._ask("GET", path, within, params=parameters) as answer:
            return await answer.read()

    async def write(self, method: Method, path: str, body: bytes = b"", content_type: str = JSON) -> bytes:
        """Write an object or a patch of it, or delete it; gives what came of it. Raises as `read` does."""
        within = aiohttp.ClientTimeout(WRITE_SECONDS, sock_connect=CONNECT_SECONDS)
        headers = {"Content-Type": content_type}
        async with self._ask(method, path, within, data=body, headers=headers) as answer:
            return await answer.read()

    async def lines(self, path: str, parameters: Mapping[str, str], seconds: float) -> AsyncIterator[bytes]:
        """Read an answer line by line as it comes, for so many seconds at most; raises as `read` does."""
        within = aiohttp.ClientTimeout(seconds, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS)
        async with self._ask("GET", path, within, params=parameters) as answer:
            rest = b""
            async for chunk in answer.content.iter_any():
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    yield line

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        path: str,
        within: aiohttp.ClientTimeout,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        session = await self._enter()
        async with session.request(method, path, timeout=within, params=params, data=data, headers=headers) as answer:
            if answer.status == _UNAUTHORIZED:
                await self._leave()
            if answer.status >= _ERRORS:
                raise RefusedError(answer.status, f"{method} {path}")
            yield answer

    async def _enter(self) -> aiohttp.ClientSession:
        async with self._entering:
            if self._session is None:
                self._session = await self._logged_in()
            return self._session

    async def _leave(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _logged_in(self) -> aiohttp.ClientSession:
        credentials = await asyncio.to_thread(self._login)
        tls = await asyncio.to_thread(credentials.as_ssl_context)
        return aiohttp.ClientSession(
            credentials.server,
            connector=aiohttp.TCPConnector(ssl=tls, limit=0),
            headers={**credentials.as_http_headers(), "Accept": "application/json", "User-Agent": "gracekeeper"},
        )
