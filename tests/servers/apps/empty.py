"""Applications that answer and hold nothing: what is measured with them is the server's own."""

from __future__ import annotations

from typing import Any


def wsgi(_environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ANN401 - no types are loaded
    """Answer as a WSGI application."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - no types are loaded
    """Answer as an ASGI application."""
    if scope["type"] == "lifespan":
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def rsgi(_scope: Any, protocol: Any) -> None:  # noqa: ANN401 - no types are loaded
    """Answer as an RSGI application."""
    protocol.response_str(200, [("content-type", "text/plain")], "ok")
