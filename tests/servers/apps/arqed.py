"""A task of arq's."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from work import SOCKET, leave

REDIS = RedisSettings(unix_socket_path=SOCKET)


async def task(_: object, seconds: float) -> None:
    """Take so long."""
    leave("began")
    await asyncio.sleep(seconds)
    leave("done")


class WorkerSettings:
    """What `arq` is given."""

    functions: ClassVar = [task]
    redis_settings = REDIS
    # As with the redis<6 that arq asks for. Newer ones limit each write by 5 s, and Python 3.11's `wait_for` forgets
    # now and then that it was cancelled: arq would miss a signal that comes while it writes.
    redis_pool = ArqRedis(unix_socket_path=SOCKET, socket_timeout=None)


def send(seconds: float) -> None:
    """Put one in the queue."""

    async def _send() -> None:
        pool = await create_pool(REDIS)
        await pool.enqueue_job("task", seconds)
        await pool.aclose()

    asyncio.run(_send())
