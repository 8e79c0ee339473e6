"""A task of celery's."""

from __future__ import annotations

import os

from celery import Celery
from work import SOCKET, work

app = Celery("celeried", broker=f"redis+socket://{SOCKET}")
if os.environ.get("LATE"):
    app.conf.task_acks_late = True
task = app.task(name="work")(work)


def send(seconds: float) -> None:
    """Put one in the queue."""
    task.delay(seconds)
