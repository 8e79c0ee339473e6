"""Every situation in which a server that answers requests is stopped, and proved to do what its table says."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Proof

REQUESTS: Final = (
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -w 2 --graceful-timeout 2 -b 127.0.0.1:{port} web:wsgi", hold=LONG),
    Proof(line="gunicorn -w 2 -k gthread --threads 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -w 2 -k gevent -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -w 2 -k tornado -b 127.0.0.1:{port} whirl:app", hold=LONG),
    Proof(line="gunicorn -w 2 -k asgi -b 127.0.0.1:{port} web:asgi"),
    Proof(line="gunicorn -w 2 -k uvicorn_worker.UvicornWorker -b 127.0.0.1:{port} web:asgi"),
    Proof(line="gunicorn -w 2 -k aiohttp.GunicornWebWorker -b 127.0.0.1:{port} aio:app"),
    Proof(line="uvicorn --port {port} web:asgi"),
    Proof(line="uvicorn --port {port} --timeout-graceful-shutdown 2 web:asgi", hold=LONG),
    Proof(line="uvicorn --port {port} --workers 2 web:asgi"),
    Proof(line="uvicorn --port {port} --reload web:asgi"),
    Proof(line="uvicorn --port {port} web:asgi", signal="SIGINT"),
    Proof(line="uvicorn --port {port} web:asgi", signal="SIGQUIT"),
)
