"""A task of RQ's."""

from __future__ import annotations

from redis import Redis
from rq import Queue
from work import SOCKET, work


def send(seconds: float) -> None:
    """Put one in the queue."""
    Queue(connection=Redis(unix_socket_path=SOCKET)).enqueue(work, seconds)
