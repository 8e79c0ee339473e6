"""The same small application in the ways that servers start one: `/` answers, `/hold/3` takes three seconds."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Receive = Callable[[], Awaitable[dict[str, Any]]]


def seconds_of(path: str) -> float:
    """How long the answer takes; a request that takes its time leaves word that it has begun."""
    _, _, seconds = path.partition("/hold/")
    if seconds:
        Path("began").touch()
    return float(seconds or 0)


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer as a WSGI application."""
    time.sleep(seconds_of(environ["PATH_INFO"]))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer as an ASGI application."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    await asyncio.sleep(seconds_of(scope["path"]))
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def threaded(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer as an ASGI application whose work is done in a thread, as FastAPI does for a plain `def`."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    await asyncio.to_thread(time.sleep, seconds_of(scope["path"]))
    await asgi({"type": "http", "path": "/"}, receive, send)


async def rsgi(scope: Any, protocol: Any) -> None:  # noqa: ANN401 - granian's own types
    """Answer as an RSGI application."""
    await asyncio.sleep(seconds_of(scope.path))
    protocol.response_str(200, [("content-type", "text/plain")], "ok")


async def _live(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})
