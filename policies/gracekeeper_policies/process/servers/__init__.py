"""The servers that are known, one module each; recognition tries them in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.servers import (
    aiohttp,
    arq,
    celery,
    celery_beat,
    daphne,
    django,
    dramatiq,
    fastapi,
    flask,
    granian,
    gunicorn,
    huey,
    hypercorn,
    python,
    rq,
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
    celery.SERVER,
    celery_beat.SERVER,
    dramatiq.SERVER,
    rq.WORKER,
    rq.RQWORKER,
    rq.POOL,
    arq.SERVER,
    huey.CONSUMER,
    huey.DJANGO,
    taskiq.SERVER,
    python.SERVER,
)
