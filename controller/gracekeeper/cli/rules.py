"""`gracekeeper rules`: the catalogue, or one rule's page."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

import click

from gracekeeper.cli import completion, options
from gracekeeper.cli.terminal import style_of, write
from gracekeeper.errors import ConfigurationError
from gracekeeper.reports.rule_page import catalogue, page
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from gracekeeper_policies.rule import Rule


@click.command("rules", short_help="List the rules, or show one rule's page with its examples.")
@click.argument("rule", required=False, shell_complete=completion.rules)
@options.NO_COLOR
def command(rule: str | None, no_color: bool) -> None:
    """List every rule by concern, or show the page of RULE: what it finds, why it hurts, what to do, examples."""
    style = style_of(sys.stdout, no_color=no_color)
    write(page(_named(rule), style) if rule else catalogue(RULES, style))


def _named(name: str) -> Rule:
    found = next((rule for rule in RULES if rule.id == name), None)
    if found is None:
        near = difflib.get_close_matches(name, [rule.id for rule in RULES], n=3)
        raise ConfigurationError(
            f"there is no rule {name}.", f"Near: {', '.join(near)}." if near else "`gracekeeper rules` lists them."
        )
    return found
