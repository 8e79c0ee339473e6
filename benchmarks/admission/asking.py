"""Clients that ask one server over TLS on connections that stay open, and how long each answer takes."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from pathlib import Path


class Asking:
    """Asks one server; `bodies` are JSON."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def seconds(self, path: str, body: bytes) -> float:
        """How long one answer takes to come as a whole.

        Raises:
            aiohttp.ClientResponseError: it is a refusal.
        """
        began = time.perf_counter()
        async with self._session.post(path, data=body) as response:
            await response.read()
        return time.perf_counter() - began

    async def one_by_one(self, path: str, bodies: Iterable[bytes]) -> list[float]:
        """What one client waits for each answer."""
        return [await self.seconds(path, body) for body in bodies]

    async def by_clients(self, clients: int, path: str, bodies: Sequence[bytes]) -> list[float]:
        """What several clients wait, each for an equal share of the answers."""
        shares = [self.one_by_one(path, bodies[number::clients]) for number in range(clients)]
        return [each for share in await asyncio.gather(*shares) for each in share]


@asynccontextmanager
async def asking(url: str, authority: Path, headers: Mapping[str, str] | None = None) -> AsyncIterator[Asking]:
    """Ask a server whose certificate the one in `authority` vouches for."""
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(authority)), limit=0)
    content = {**(headers or {}), "Content-Type": "application/json"}
    async with aiohttp.ClientSession(url, connector=connector, headers=content, raise_for_status=True) as session:
        yield Asking(session)
