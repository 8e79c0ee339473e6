"""Reading from an API server over a real connection."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import kopf
import pytest
from aiohttp import web

from gracekeeper.operator.api import MERGE_PATCH, Api, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


OURS = "one"


@asynccontextmanager
async def served(answer: Answering) -> AsyncIterator[str]:
    """An API server that answers everything this way; gives its address."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def test_an_answer_is_read_with_our_credentials() -> None:
    """The token is that of the service account."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.path_qs} {request.headers['Authorization']}")

    async def ask() -> bytes:
        async with served(answer) as server, Api(lambda: kopf.ConnectionInfo(server=server, token=OURS)) as api:
            return await api.read("/api/v1/services", {"limit": "5"})

    assert asyncio.run(ask()) == b"/api/v1/services?limit=5 Bearer one"


def test_an_object_is_written_in_the_way_that_the_caller_says() -> None:
    """A patch has a content type of its own: by it the API server tells the kinds of patches apart."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {request.content_type} {await request.text()}")

    async def write() -> bytes:
        async with served(answer) as server, Api(lambda: kopf.ConnectionInfo(server=server)) as api:
            return await api.write("PATCH", "/", b"{}", MERGE_PATCH)

    assert asyncio.run(write()) == b"PATCH application/merge-patch+json {}"


def test_credentials_that_are_no_longer_taken_are_read_anew() -> None:
    """A service account's token is replaced every hour; who comes with the old one is refused once."""
    tokens = iter(["old", "new"])

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.headers["Authorization"] == "Bearer new" else 401)

    async def ask() -> int:
        async with served(answer) as server, Api(lambda: kopf.ConnectionInfo(server=server, token=next(tokens))) as api:
            with pytest.raises(RefusedError) as refused:
                await api.read("/")
            assert await api.read("/") == b""
            return refused.value.code

    assert asyncio.run(ask()) == 401


def test_a_watch_gives_whole_lines_however_long_they_are() -> None:
    """A ConfigMap of 1 MB is one line, and comes in many pieces."""
    long = b"x" * 1_000_000

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (b"one\ntw", b"o\n", long, b"\n"):
            await response.write(piece)
        return response

    async def ask() -> list[bytes]:
        async with served(answer) as server, Api(lambda: kopf.ConnectionInfo(server=server)) as api:
            return [line async for line in api.lines("/", {}, 5)]

    assert asyncio.run(ask()) == [b"one", b"two", long]


def test_nobody_waits_for_ever() -> None:
    """A watch ends after its time, whether or not anybody says so."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await asyncio.sleep(60)
        return response

    async def ask() -> None:
        async with served(answer) as server, Api(lambda: kopf.ConnectionInfo(server=server)) as api:
            async for _ in api.lines("/", {}, 0.2):
                pass

    with pytest.raises(TimeoutError):
        asyncio.run(ask())


def test_where_nobody_listens_the_error_is_the_connections() -> None:
    """Reflectors know what to do with it."""

    async def ask() -> None:
        async with Api(lambda: kopf.ConnectionInfo(server="http://127.0.0.1:1")) as api:
            await api.read("/")

    with pytest.raises(aiohttp.ClientConnectionError):
        asyncio.run(ask())
