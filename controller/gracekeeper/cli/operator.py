"""`gracekeeper operator`: judges what comes into a cluster."""

from __future__ import annotations

from typing import Any

import click

from gracekeeper.cli.settings_options import SettingsCommand, given


@click.command("operator", cls=SettingsCommand, short_help="Judge workloads at admission, in a cluster.")
def command(**parameters: Any) -> None:  # noqa: ANN401 - click gives what the settings declare
    """Run the operator: the admission webhook that answers an API server's reviews.

    The chart runs it in a cluster. Every option is also an environment variable: --webhook-port is
    GRACEKEEPER_WEBHOOK_PORT.
    """
    from gracekeeper import settings  # noqa: PLC0415 - an extra, which `check` starts without
    from gracekeeper.operator.run import run  # noqa: PLC0415 - the same

    run(settings.read(given(parameters)))
