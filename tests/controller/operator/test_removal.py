"""Before an uninstallation the webhook's configuration goes, whether or not it is there."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import kopf
import pytest
from aiohttp import web

from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.removal import remove

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gracekeeper"


@asynccontextmanager
async def answering(statuses: Sequence[int]) -> AsyncIterator[kopf.ConnectionInfo]:
    """An API server that answers the first deletions of the configuration so."""
    following = iter(statuses)

    async def delete(_: web.Request) -> web.Response:
        return web.json_response({}, status=next(following))

    application = web.Application()
    application.router.add_delete(CONFIGURATION, delete)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield kopf.ConnectionInfo(server=f"http://{host}:{port}")
    finally:
        await runner.cleanup()


async def removals(*statuses: int) -> list[str]:
    """What comes of it, time and again."""
    async with answering(statuses) as server:
        return [await remove("gracekeeper", lambda: server) for _ in statuses]


def test_it_goes_and_may_be_gone_already() -> None:
    """A hook that runs twice, or after somebody's own hand, succeeds."""
    assert asyncio.run(removals(200, 404)) == ["is gone", "was gone already"]


def test_a_refusal_fails() -> None:
    """Then the hook's Job tries again, and the uninstallation stops before the operator goes."""
    with pytest.raises(RefusedError):
        asyncio.run(removals(403))
