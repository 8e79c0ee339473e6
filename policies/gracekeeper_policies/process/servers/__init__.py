"""The servers that are known, one module each; recognition tries them in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.servers import arq, celery, celery_beat, dramatiq, gunicorn, huey, python, rq, uvicorn

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import Server

SERVERS: Final[tuple[Server, ...]] = (
    gunicorn.SERVER,
    uvicorn.SERVER,
    celery.SERVER,
    celery_beat.SERVER,
    dramatiq.SERVER,
    rq.WORKER,
    rq.RQWORKER,
    rq.POOL,
    arq.SERVER,
    huey.CONSUMER,
    huey.DJANGO,
    python.SERVER,
)
