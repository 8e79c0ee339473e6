"""The servers that are known, one module each; recognition tries them in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.servers import (
    aiohttp,
    arq,
    celery,
    celery_beat,
    celery_flower,
    daphne,
    django,
    dramatiq,
    fastapi,
    flask,
    granian,
    gunicorn,
    http_server,
    huey,
    hypercorn,
    kopf,
    locust,
    python,
    rq,
    streamlit,
    taskiq,
    uvicorn,
    uwsgi,
    waitress,
)

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import Server

SERVERS: Final[tuple[Server, ...]] = (
    gunicorn.SERVER,
    uvicorn.SERVER,
    fastapi.SERVER,
    fastapi.DEVELOPMENT,
    hypercorn.SERVER,
    uwsgi.SERVER,
    granian.SERVER,
    daphne.SERVER,
    waitress.SERVER,
    aiohttp.SERVER,
    flask.SERVER,
    django.SERVER,
    http_server.SERVER,
    locust.SERVER,
    streamlit.SERVER,
    celery.SERVER,
    celery_beat.SERVER,
    celery_flower.SERVER,
    dramatiq.SERVER,
    rq.WORKER,
    rq.RQWORKER,
    rq.POOL,
    arq.SERVER,
    huey.CONSUMER,
    huey.DJANGO,
    taskiq.SERVER,
    kopf.SERVER,
    python.SERVER,
)
