"""The same application by FastAPI."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from web import seconds_of

app = FastAPI()


@app.get("/{path:path}")
async def answer(path: str) -> str:
    """Answer when its time has come."""
    await asyncio.sleep(seconds_of(f"/{path}"))
    return "ok"
