"""`gracekeeper export`: what other tools need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from gracekeeper.cli.terminal import write
from gracekeeper.policyfiles.crds import crds_text
from gracekeeper.policyfiles.schema import schema_text
from gracekeeper.policyfiles.starter import starter
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gracekeeper_policies.rule import Rule

_EXPORTS: Final[dict[str, Callable[[Sequence[Rule]], str]]] = {
    "crds": lambda _rules: crds_text(),
    "schema": schema_text,
    "policy": starter,
}


@click.command("export", short_help="Print custom resource definitions, a schema, or a policy to start from.")
@click.argument("what", type=click.Choice(list(_EXPORTS)))
def command(what: str) -> None:
    """Print what other tools need.

    `crds` are the CustomResourceDefinitions by which a cluster keeps policies and exceptions; `schema` is the JSON
    Schema of gracekeeper.yaml, for editors and validators; `policy` is the built-in policy as a file to start from.
    """
    write(_EXPORTS[what](RULES))
