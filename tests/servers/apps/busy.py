"""Leaves word of each request that has begun, and takes its time for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

SECONDS = 6


def wait() -> None:
    """Sleep as this server's requests have to, so that others go on meanwhile."""
    try:
        import uwsgi  # noqa: PLC0415 - it is there inside of uWSGI alone
    except ImportError:
        time.sleep(SECONDS)
        return
    if "gevent" in uwsgi.opt:
        import gevent  # noqa: PLC0415 - loaded where it is chosen

        gevent.sleep(SECONDS)
    elif "async" in uwsgi.opt:
        uwsgi.async_sleep(SECONDS)
    else:
        time.sleep(SECONDS)


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ANN401 - as simple as may be
    """Answer after a while, but at `/` at once."""
    if environ["PATH_INFO"] != "/":
        Path(f"began-{uuid4()}").touch()
        wait()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
