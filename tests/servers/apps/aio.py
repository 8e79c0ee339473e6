"""The same application by aiohttp."""

from __future__ import annotations

import asyncio

from aiohttp import web as aiohttp_web
from web import seconds_of


async def answer(request: aiohttp_web.Request) -> aiohttp_web.Response:
    """Answer when its time has come."""
    await asyncio.sleep(seconds_of(request.path))
    return aiohttp_web.Response(text="ok")


app = aiohttp_web.Application()
app.router.add_get("/{path:.*}", answer)


def made(_words: list[str]) -> aiohttp_web.Application:
    """What `python -m aiohttp.web` calls."""
    return app
