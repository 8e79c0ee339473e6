"""The same application by Flask."""

from __future__ import annotations

import time

from flask import Flask
from web import seconds_of

app = Flask(__name__)


@app.get("/")
@app.get("/<path:path>")
def answer(path: str = "") -> str:
    """Answer when its time has come."""
    time.sleep(seconds_of(f"/{path}"))
    return "ok"
