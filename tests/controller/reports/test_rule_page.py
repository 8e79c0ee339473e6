"""The catalogue and the page of a rule."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from msgspec import structs

from gracekeeper.reports.rule_page import catalogue, page
from gracekeeper.reports.style import Style
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.rule import parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.rule import Rule

    Expected = Callable[[str, str], None]


def test_catalogue(rules: tuple[Rule, ...], expected: Expected) -> None:
    """Rules by concern, a line each."""
    expected("rules/catalogue.txt", catalogue(rules, Style()))


def test_titles_go_below_on_a_narrow_terminal(rules: tuple[Rule, ...]) -> None:
    """A terminal that is too narrow for four columns gets three, and the title below."""
    assert "\n    Something goes wrong.\n" in catalogue(rules, Style(60))


def test_page(rules: tuple[Rule, ...], expected: Expected) -> None:
    """A page has its sections, its parameters and its examples."""

    @dataclasses.dataclass(frozen=True)
    class Parameters:
        margin_seconds: int = parameter(2, "s", "time that must be left")

    rule = rules[0]
    vars(rule.module)["Parameters"] = Parameters
    try:
        expected("rules/page.txt", page(structs.replace(rule), Style()))
    finally:
        del vars(rule.module)["Parameters"]


def test_a_page_says_under_which_parameters_its_examples_hold() -> None:
    """Where these are not the defaults; a list is written as people write it."""
    rule = next(rule for rule in RULES if rule.id == "required-env-missing")
    lines = page(rule, Style()).splitlines()

    assert "The examples hold under variables: LOG_FORMAT=json, RELEASE." in lines
    assert any("default none" in line for line in lines)
