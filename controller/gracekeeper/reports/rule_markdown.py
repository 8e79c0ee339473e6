"""The catalogue of rules and each rule's page as Markdown, for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper.reports.markdown_table import table
from gracekeeper.reports.rule_page import (
    IN_A_POLICY,
    about,
    example_parameters,
    parameters,
    setting,
    snippet,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.rule import Rule

_MADE: Final = "<!-- Made by `make generate` from the rules themselves: change those. -->"
_SOURCES: Final = "../../policies"
_READING: Final = """\
Severity is the highest that a rule gives: a finding that is only suspected is a warning at most. Profile is the lowest
that has the rule: `baseline` holds what is broken, `standard` adds what production needs, `strict` adds hardening."""
_MARK: Final = """\
Each example is a part of a pod's spec. `# finding` marks the line that is found; on a line of its own it stands for a
field that nobody wrote."""


def markdown_catalogue(rules: Sequence[Rule]) -> str:
    """List the rules by concern, each with a link to its page."""
    return _document(_catalogue(rules))


def _catalogue(rules: Sequence[Rule]) -> Iterator[str]:
    yield from (_MADE, "", "# Rules", "", f"{len(rules)} rules. {_READING}", "")
    concerns = {rule.concern: [each for each in rules if each.concern == rule.concern] for rule in rules}
    yield from table(
        ("concern", "about"),
        ((f"[{concern}](#{concern})", about(own[0])) for concern, own in concerns.items()),
    )
    for concern, own in concerns.items():
        yield from ("", f"## {concern.capitalize()}", "", about(own[0]), "")
        yield from table(
            ("rule", "finds", "severity", "profile"),
            ((f"[`{rule.id}`]({rule.id}.md)", rule.title, *_standing(rule)) for rule in own),
        )


def _standing(rule: Rule) -> tuple[str, str]:
    return rule.card.severity.label, rule.card.profile.label


def markdown_page(rule: Rule) -> str:
    """Write one rule's page, with the same parts as `gracekeeper rules RULE`."""
    return _document(_page(rule))


def _page(rule: Rule) -> Iterator[str]:
    yield from (_MADE, "", f"# {rule.id}", "", rule.title, "")
    yield from table(("severity", "profile", "since"), [(*_standing(rule), rule.card.since)])
    for section in rule.sections:
        yield from ("", f"## {section.heading}", "", section.text)
    yield from _parameters(rule)
    yield from ("", "## Examples", "", _MARK)
    under = example_parameters(rule)
    yield from ("", f"They hold under `{under}`.") if under else ()
    yield from _examples("Bad", rule.module.BAD)
    yield from _examples("Good", rule.module.GOOD)
    yield from ("", "## Read on", "", *(f"- <{address}>" for address in rule.card.see))
    source = rule.module.__name__.replace(".", "/")
    yield f"- [The rule's source]({_SOURCES}/{source}.py)"
    yield "- [All rules](README.md)"


def markdown_help(rule: Rule) -> str:
    """A rule's page for a place that has no other page beside it: without links to these, and without a heading."""
    return _document(_help(rule))


def _help(rule: Rule) -> Iterator[str]:
    for section in rule.sections:
        yield from (f"## {section.heading}", "", section.text, "")
    yield from ("## Examples", "", _MARK)
    yield from _examples("Bad", rule.module.BAD)
    yield from _examples("Good", rule.module.GOOD)
    yield from ("", "## Read on", "", *(f"- <{address}>" for address in rule.card.see)) if rule.card.see else ()


def _parameters(rule: Rule) -> Iterator[str]:
    declared = parameters(rule)
    if declared:
        yield from ("", "## Parameters", "")
        yield from table(
            ("name", "type", "unit", "default", "meaning"),
            ((f"`{each.name}`", each.kind, each.unit, written(each.default), each.meaning) for each in declared),
        )
        yield from (
            "",
            IN_A_POLICY.replace("A policy", "[A policy](../policies.md)"),
            "",
            "```yaml",
            setting(rule),
            "```",
        )


def _examples(heading: str, examples: Mapping[str, str]) -> Iterator[str]:
    for caption, example in examples.items():
        yield from ("", f"**{heading}**: {caption}", "", "```yaml", snippet(example), "```")


def _document(lines: Iterable[str]) -> str:
    return "\n".join([*lines, ""])
