"""`gracekeeper rules`: the catalogue, what a search finds in it, or one rule's page."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from gracekeeper.cli import completion, options
from gracekeeper.cli.terminal import browse, style_of, write
from gracekeeper.errors import ConfigurationError, InputError
from gracekeeper.reports.rule_json import rules_json
from gracekeeper.reports.rule_page import catalogue, page, ranking
from gracekeeper.reports.rule_search import search
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.policy import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.rule import Rule

_CONCERNS: Final = tuple(dict.fromkeys(rule.concern for rule in RULES))
_SEVERITIES: Final = tuple(severity.label for severity in sorted(Severity, reverse=True))


@dataclass(frozen=True)
class Call:
    """How `rules` was called: a rule, or else which of them; an empty filter lets all pass."""

    rule: str | None
    words: str | None
    concerns: tuple[str, ...]
    severities: tuple[str, ...]
    profile: str | None

    def chosen(self) -> Sequence[Rule]:
        """The rules that were asked for.

        Raises:
            ConfigurationError: there is no such rule, or both a rule and a search are given.
            InputError: nothing is found.
        """
        if self.rule is not None:
            return [self._named(self.rule)]
        rules = [rule for rule in RULES if self._passes(rule)]
        found = rules if self.words is None else search(rules, self.words)
        if not found:
            about = f" speaks of {self.words}" if self.words else " is left by these filters"
            raise InputError(f"no rule{about}.", "`gracekeeper rules` lists them all.")
        return found

    def _named(self, name: str) -> Rule:
        if self.words or self.concerns or self.severities or self.profile:
            raise ConfigurationError("a rule is named and searched for.", "Do one or the other.")
        return _named(name)

    def _passes(self, rule: Rule) -> bool:
        return (
            rule.concern in (self.concerns or _CONCERNS)
            and rule.card.severity.label in (self.severities or _SEVERITIES)
            and rule.card.profile <= Profile[(self.profile or "strict").upper()]
        )


@click.command("rules", short_help="List the rules, search them, or show one rule's page with its examples.")
@click.argument("rule", required=False, shell_complete=completion.rules)
@click.option("--search", "words", metavar="WORDS", help="The rules that speak of these words, the best first.")
@click.option(
    "--concern",
    "concerns",
    type=click.Choice(_CONCERNS),
    multiple=True,
    metavar="CONCERN",
    help="Of this concern, such as probes; repeatable.",
)
@click.option(
    "--severity",
    "severities",
    type=click.Choice(_SEVERITIES),
    multiple=True,
    help="Of this highest severity; repeatable.",
)
@click.option("--profile", type=click.Choice([each.label for each in Profile]), help="What this profile asks for.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the list."
)
@options.NO_COLOR
def command(*, no_color: bool, form: str, **given: Any) -> None:  # noqa: ANN401 - click gives what `Call` declares
    """List every rule by concern, or show the page of RULE: what it finds, why it hurts, what to do, examples.

    On a terminal what is longer than a screen goes to the pager; PAGER chooses it.
    """
    call = Call(**given)
    rules = call.chosen()
    if form == "json":
        write(rules_json(rules))
        return
    style = style_of(sys.stdout, no_color=no_color)
    show = ranking if call.words is not None else catalogue
    browse(page(rules[0], style) if call.rule is not None else show(rules, style))


def _named(name: str) -> Rule:
    found = next((rule for rule in RULES if rule.id == name), None)
    if found is None:
        import difflib  # noqa: PLC0415 - most runs guess no name

        near = difflib.get_close_matches(name, [rule.id for rule in RULES], n=3)
        near = near or [rule.id for rule in search(RULES, name.replace("-", " "))[:3]]
        raise ConfigurationError(
            f"there is no rule {name}.", f"Near: {', '.join(near)}." if near else "`gracekeeper rules` lists them."
        )
    return found
