"""An application that starts one thread after another for as long as a request says: `/spin/1`."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _spin(path: str) -> None:
    _, _, seconds = path.partition("/spin/")
    if seconds:
        Path("began").touch()
    end = time.monotonic() + float(seconds or 0)
    while time.monotonic() < end:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer as a WSGI application."""
    _spin(environ["PATH_INFO"])
    return web.wsgi({"PATH_INFO": "/"}, start_response)


async def asgi(scope: dict[str, Any], receive: web.Receive, send: web.Send) -> None:
    """Answer as an ASGI application."""
    if scope["type"] != "lifespan":
        await asyncio.to_thread(_spin, scope["path"])
        scope = {"type": "http", "path": "/"}
    await web.asgi(scope, receive, send)
