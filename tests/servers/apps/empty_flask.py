"""The least application of Flask's."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def answer() -> str:
    """Answer."""
    return "ok"
