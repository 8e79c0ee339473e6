"""A task of dramatiq's."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from work import SOCKET, work

dramatiq.set_broker(RedisBroker(url=f"unix://{SOCKET}"))
task = dramatiq.actor(work)


def send(seconds: float) -> None:
    """Put one in the queue."""
    task.send(seconds)
