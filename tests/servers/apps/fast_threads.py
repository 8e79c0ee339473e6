"""A plain `def` of FastAPI's, which runs in a thread."""

from __future__ import annotations

import time

from fastapi import FastAPI
from web import seconds_of

app = FastAPI()


@app.get("/{path:path}")
def answer(path: str) -> str:
    """Answer when its time has come."""
    time.sleep(seconds_of(f"/{path}"))
    return "ok"
