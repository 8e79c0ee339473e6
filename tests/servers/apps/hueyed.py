"""A task of huey's."""

from __future__ import annotations

from huey import RedisHuey
from work import SOCKET, work

huey = RedisHuey("hueyed", url=f"unix://{SOCKET}")
task = huey.task()(work)


def send(seconds: float) -> None:
    """Put one in the queue."""
    task(seconds)
