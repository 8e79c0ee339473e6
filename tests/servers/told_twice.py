"""Servers that finish what they have, and get the signal a second time meanwhile."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Proof
from tests.servers.requests_in_flight import GRACEFUL_HOOK
from tests.servers.tasks_in_flight import CELERY, DJANGO_HUEY, DRAMATIQ, HUEY, RQ, TASKIQ

_SOON: Final = 0.3
_LATER: Final = 1.5

REQUESTS_TWICE: Final = (
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi", again=_SOON),
    Proof(line="gunicorn -w 2 --threads 2 -b 127.0.0.1:{port} web:wsgi", again=_SOON),
    Proof(line="gunicorn -w 2 -k gevent -b 127.0.0.1:{port} web:wsgi", again=_SOON),
    Proof(line="gunicorn -w 2 -k asgi -b 127.0.0.1:{port} web:asgi", again=_SOON),
    Proof(line="gunicorn -w 2 -k uvicorn_worker.UvicornWorker -b 127.0.0.1:{port} web:asgi", again=_SOON),
    Proof(line="gunicorn -w 2 -k aiohttp.GunicornWebWorker -b 127.0.0.1:{port} aio:app", again=_SOON),
    Proof(line="uvicorn --port {port} web:asgi", again=_SOON),
    Proof(line="uvicorn --port {port} --workers 2 web:asgi", again=_SOON),
    Proof(line="uvicorn --port {port} --reload web:asgi", again=_SOON),
    Proof(line="fastapi run --port {port} {apps}/fast.py", again=_SOON),
    Proof(line="fastapi dev --port {port} {apps}/fast.py", again=_SOON),
    Proof(line="hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi", again=_SOON),
    Proof(line="hypercorn -b 127.0.0.1:{port} -w 0 --graceful-timeout 5 web:asgi", again=_SOON),
    Proof(line="granian --interface asgi --port {port} web:asgi", again=_SOON),
    Proof(line="granian --interface wsgi --port {port} web:wsgi", again=_SOON),
    Proof(line="python -m aiohttp.web -H 127.0.0.1 -P {port} aio:made", again=_SOON, hold=LONG, code=1),
    Proof(line=f"uwsgi --http-socket 127.0.0.1:{{port}} -M -p 2 {GRACEFUL_HOOK} --module web:wsgi", again=_SOON),
)

TASKS_TWICE: Final = {
    CELERY: (
        Proof(line="celery -A celeried worker -c 2", again=_SOON),
        Proof(line="celery -A celeried worker -c 2 -P threads", again=_SOON),
        Proof(line="celery -A celeried worker -c 2 -P gevent", again=_SOON),
        Proof(line="celery -A celeried worker -P solo", again=_SOON),
    ),
    DRAMATIQ: (Proof(line="dramatiq -p 1 -t 1 dramatic", again=_SOON, hold=LONG, code=1),),
    RQ: (
        Proof(line="rq worker -u unix://{broker}", again=_SOON),
        Proof(line="rq worker -u unix://{broker}", again=_LATER, hold=LONG),
        Proof(line="rq worker-pool -u unix://{broker} -n 1", again=_SOON),
        Proof(line="rq worker-pool -u unix://{broker} -n 1", again=_LATER, hold=LONG),
    ),
    HUEY: (Proof(line="huey_consumer -g TERM hueyed.huey", again=_SOON, hold=LONG),),
    DJANGO_HUEY: (Proof(line="python {apps}/djhuey/manage.py run_huey -g TERM", again=_SOON, hold=LONG),),
    TASKIQ: (Proof(line="taskiq worker tasked:broker", again=_SOON),),
}
