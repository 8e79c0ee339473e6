"""Tasks that celery and huey send by the clock, as often as they can."""

from __future__ import annotations

from celery import Celery
from huey import RedisHuey
from work import SOCKET, work

app = Celery("clocked", broker=f"redis+socket://{SOCKET}")
app.task(name="work")(work)
app.conf.beat_schedule = {
    "each second": {"task": "work", "schedule": 1.0, "args": [0.0], "options": {"queue": "clock"}}
}

huey = RedisHuey("clocked", url=f"unix://{SOCKET}")


@huey.periodic_task(lambda _: True)
def tick() -> None:
    """Leave word in the queue's Redis each time."""
    huey.storage.conn.lpush("clock", 1)
