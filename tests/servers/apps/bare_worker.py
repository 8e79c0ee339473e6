"""celery without a task, and with a broker that needs no program."""

from __future__ import annotations

from celery import Celery

app = Celery("bare_worker", broker="memory://")
