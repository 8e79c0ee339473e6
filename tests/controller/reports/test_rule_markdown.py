"""The rules as Markdown: every part of a rule reaches its page, and every rule the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.rule_markdown import markdown_catalogue, markdown_page
from gracekeeper.reports.rule_page import parameters, snippet, written
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from gracekeeper_policies.rule import Rule


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_page_holds_every_part_of_its_rule(rule: Rule) -> None:
    """Title, sections, parameters, captions, examples and references are all there, in this order."""
    page = markdown_page(rule)
    examples = [part for texts in (rule.module.BAD, rule.module.GOOD) for each in texts.items() for part in each]
    parts = [
        rule.title,
        *(part for section in rule.sections for part in (section.heading, section.text)),
        *(f"| `{each.name}` | {each.kind} | {each.unit} | {written(each.default)} |" for each in parameters(rule)),
        *(snippet(part) for part in examples),
        *rule.card.see,
    ]
    places = [page.find(part) for part in parts]

    assert -1 not in places
    assert page.startswith("<!-- Made by `make generate`")
    assert places[: len(rule.sections) * 2] == sorted(places[: len(rule.sections) * 2])


def test_the_list_links_every_rule_under_its_concern() -> None:
    """One row for each rule, below the heading of its concern."""
    catalogue = markdown_catalogue(RULES)
    headings = [line for line in catalogue.splitlines() if line.startswith("## ")]
    rows = [line for line in catalogue.splitlines() if line.startswith("| [`")]

    assert headings == [f"## {concern.capitalize()}" for concern in dict.fromkeys(rule.concern for rule in RULES)]
    assert [row.split("`")[1] for row in rows] == [rule.id for rule in RULES]


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    """Every row of every table has as many cells as its heading."""
    for page in (markdown_catalogue(RULES), *map(markdown_page, RULES)):
        for table in page.split("\n\n"):
            lines = [line for line in table.splitlines() if line.startswith("| ")]
            assert len({line.count("|") for line in lines}) <= 1
