"""The least application of FastAPI's."""

from __future__ import annotations

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def answer() -> str:
    """Answer."""
    return "ok"
