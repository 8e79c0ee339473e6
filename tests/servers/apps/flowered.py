"""A page of flower's that takes its time, beside its own."""

from __future__ import annotations

from celery import Celery
from flower.urls import handlers
from whirl import Answer

app = Celery("flowered", broker="memory://")
handlers.insert(0, (r"/hold/.*", Answer))
