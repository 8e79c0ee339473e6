"""A task of celery's without a broker: with TASK set, the worker takes one of so many seconds at its start."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery
from celery.signals import worker_ready

app = Celery("in_memory", broker="memory://")


@app.task(name="work")
def work(seconds: float) -> None:
    """Take so long."""
    Path("began").touch()
    time.sleep(seconds)


@worker_ready.connect
def send(**_: object) -> None:
    """Put a task into the worker's own queue."""
    if "TASK" in os.environ:
        work.delay(float(os.environ["TASK"]))
