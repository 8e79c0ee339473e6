"""A task of taskiq's."""

from __future__ import annotations

import asyncio

from taskiq_redis import ListQueueBroker
from work import SOCKET, leave

broker = ListQueueBroker(f"unix://{SOCKET}")


@broker.task
async def task(seconds: float) -> None:
    """Take so long."""
    leave("began")
    await asyncio.sleep(seconds)
    leave("done")


def send(seconds: float) -> None:
    """Put one in the queue."""

    async def _send() -> None:
        await broker.startup()
        await task.kiq(seconds)
        await broker.shutdown()

    asyncio.run(_send())
