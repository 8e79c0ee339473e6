"""`gracekeeper export`: what other tools need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from gracekeeper.cli.terminal import write
from gracekeeper.policyfiles.schema import schema_text
from gracekeeper.policyfiles.starter import starter
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gracekeeper_policies.rule import Rule

_EXPORTS: Final[dict[str, Callable[[Sequence[Rule]], str]]] = {"schema": schema_text, "policy": starter}


@click.command("export", short_help="Print the schema of policy files, or the built-in policy to start from.")
@click.argument("what", type=click.Choice(list(_EXPORTS)))
def command(what: str) -> None:
    """Print what other tools need.

    `schema` is the JSON Schema of gracekeeper.yaml, for editors and validators; `policy` is the built-in policy as a
    file to start from.
    """
    write(_EXPORTS[what](RULES))
