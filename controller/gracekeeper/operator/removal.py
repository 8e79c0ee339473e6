"""`python -m gracekeeper.operator.removal NAME`: takes a ValidatingWebhookConfiguration away.

The chart runs it before anything else is uninstalled. A webhook that outlives what answers it would, under
`failurePolicy: Fail`, refuse every workload of the cluster.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import click

from gracekeeper.operator.api import Api, RefusedError
from gracekeeper.operator.sight import login

if TYPE_CHECKING:
    from collections.abc import Callable

    import kopf

_FOLDER: Final = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


@click.command("python -m gracekeeper.operator.removal")
@click.argument("name")
def command(name: str) -> None:
    """Take the ValidatingWebhookConfiguration NAME away; one that is gone already is no mistake."""
    click.echo(f"ValidatingWebhookConfiguration {name}: {asyncio.run(remove(name, login))}")


async def remove(name: str, login: Callable[[], kopf.ConnectionInfo]) -> str:
    """Take a webhook's configuration away, and say what came of it.

    Raises:
        RefusedError: the API server refuses.
        aiohttp.ClientError, TimeoutError: it could not be reached.
    """
    async with Api(login) as api:
        try:
            await api.write("DELETE", f"{_FOLDER}/{name}")
        except RefusedError as refused:
            if refused.code != HTTPStatus.NOT_FOUND:
                raise
            return "was gone already"
    return "is gone"


if __name__ == "__main__":
    command()
