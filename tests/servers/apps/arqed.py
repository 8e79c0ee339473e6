"""A task of arq's."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from arq import create_pool
from arq.connections import RedisSettings
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


def send(seconds: float) -> None:
    """Put one in the queue."""

    async def _send() -> None:
        pool = await create_pool(REDIS)
        await pool.enqueue_job("task", seconds)
        await pool.aclose()

    asyncio.run(_send())
