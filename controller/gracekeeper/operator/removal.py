"""`python -m gracekeeper.operator.removal NAME`: takes a ValidatingWebhookConfiguration away.

The chart runs it before anything else is uninstalled. A webhook that outlives what answers it would, under
`failurePolicy: Fail`, refuse every workload of the cluster.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import click
from kubernetes.client import AdmissionregistrationV1Api, ApiException
from kubernetes.config import load_config

_SECONDS: Final = 20


@click.command("python -m gracekeeper.operator.removal")
@click.argument("name")
def command(name: str) -> None:
    """Take the ValidatingWebhookConfiguration NAME away; one that is gone already is no mistake."""
    load_config()  # type: ignore[no-untyped-call]
    click.echo(f"ValidatingWebhookConfiguration {name}: {removed(AdmissionregistrationV1Api(), name)}")


def removed(api: AdmissionregistrationV1Api, name: str) -> str:
    """Take a webhook's configuration away, and say what came of it.

    Raises:
        kubernetes.client.ApiException: the API server refuses.
    """
    try:
        api.delete_validating_webhook_configuration(name, _request_timeout=_SECONDS)
    except ApiException as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return "was gone already"
    return "is gone"


if __name__ == "__main__":
    command()
