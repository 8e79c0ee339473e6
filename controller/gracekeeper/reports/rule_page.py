"""The catalogue of rules as a table, and one rule's page."""

from __future__ import annotations

import dataclasses
import importlib
import json
import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.style import Mark, spread
from gracekeeper.reports.summary import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gracekeeper.reports.style import Style
    from gracekeeper_policies.rule import Rule

_INDENT: Final = "  "
_SEVERITY: Final = 9
_PROFILE: Final = 10
_NARROWEST_TITLE: Final = 30
_READ_ON: Final = "`gracekeeper rules RULE` shows one of them with its examples, `--search WORDS` finds them."
IN_A_POLICY: Final = "A policy sets them, here to their defaults:"
"""What stands above the YAML by which a policy sets a rule's parameters."""


def catalogue(rules: Sequence[Rule], style: Style) -> str:
    """List rules by concern: id, highest severity, lowest profile, title."""
    width = _width(rules)
    lines: list[str] = []
    for concern in dict.fromkeys(rule.concern for rule in rules):
        members = [rule for rule in rules if rule.concern == concern]
        lines += style.wrap(f"{style.paint(concern, Mark.STRONG)}  {about(members[0])}", "", _INDENT)
        lines += [line for rule in members for line in _entry(rule, width, style)]
        lines += [""]
    return style.finish("\n".join([*lines, *style.wrap(f"{_counted(rules)} {_READ_ON}"), ""]))


def ranking(rules: Sequence[Rule], style: Style) -> str:
    """List rules in the given order."""
    lines = [line for rule in rules for line in _entry(rule, _width(rules), style)]
    return style.finish("\n".join([*lines, "", *style.wrap(f"{_counted(rules)} {_READ_ON}"), ""]))


def about(rule: Rule) -> str:
    """What the rules of a rule's concern are about, in one sentence."""
    package = importlib.import_module(rule.module.__name__.rpartition(".")[0])
    return (package.__doc__ or "").strip()


def _width(rules: Sequence[Rule]) -> int:
    return max((len(rule.id) for rule in rules), default=0) + 2


def _counted(rules: Sequence[Rule]) -> str:
    severities = Counter(rule.card.severity for rule in rules)
    counted = (count(severities[each], each.label) for each in sorted(severities, reverse=True))
    return f"{count(len(rules), 'rule')}: {', '.join(counted)}."


def _entry(rule: Rule, width: int, style: Style) -> list[str]:
    lead = f"{_INDENT}{rule.id:<{width}}{rule.card.severity.label:<{_SEVERITY}}{rule.card.profile.label:<{_PROFILE}}"
    if style.width - len(lead) < _NARROWEST_TITLE:
        return [lead.rstrip(), *style.wrap(rule.title, _INDENT * 2)]
    return style.wrap(rule.title, lead, " " * len(lead))


def page(rule: Rule, style: Style) -> str:
    """Write one rule's page: what it finds, why that hurts, what to do, its parameters, bad and good examples."""
    return style.finish("\n".join([*_page(rule, style), ""]))


def _page(rule: Rule, style: Style) -> Iterator[str]:
    card = rule.card
    standing = f"{card.severity.label} · from profile {card.profile.label} on · since {card.since}"
    yield spread(style.paint(rule.id, Mark.STRONG), standing, style.width)
    yield from style.wrap(rule.title)
    for section in rule.sections:
        yield from _section(section.heading, section.text, style)
    yield from _parameters(rule, style)
    under = example_parameters(rule)
    yield from ("", f"The examples hold under {under}.") if under else ()
    yield from _examples("Bad", rule.module.BAD, style)
    yield from _examples("Good", rule.module.GOOD, style)
    if card.see:
        yield from ("", style.paint("Read on", Mark.STRONG), *(f"{_INDENT}{address}" for address in card.see))


def _section(heading: str, text: str, style: Style) -> Iterator[str]:
    yield from ("", style.paint(heading, Mark.STRONG))
    for paragraph in text.split("\n\n"):
        yield from style.wrap(" ".join(paragraph.split()), _INDENT)


@dataclass(frozen=True)
class Parameter:
    """What a policy may set of a rule, under the name that it has there; `unit` is empty for a bare number."""

    name: str
    kind: str
    unit: str
    default: object
    meaning: str


def parameters(rule: Rule) -> tuple[Parameter, ...]:
    """The parameters that a rule declares."""
    return tuple(
        Parameter(
            _camel(field.name),
            getattr(field.type, "__name__", str(field.type)),
            field.metadata.get("unit", ""),
            field.default,
            field.metadata.get("meaning", ""),
        )
        for field in (dataclasses.fields(rule.parameters) if rule.parameters else ())
    )


def _parameters(rule: Rule, style: Style) -> Iterator[str]:
    declared = parameters(rule)
    yield from ("", style.paint("Parameters", Mark.STRONG)) if declared else ()
    for each in declared:
        kind = f"{each.kind}, in {each.unit}" if each.unit else each.kind
        yield from style.wrap(f"{each.name} ({kind}; default {written(each.default)}): {each.meaning}", _INDENT)
    if declared:
        yield from ("", f"{_INDENT}{IN_A_POLICY}", "", textwrap.indent(setting(rule), _INDENT * 2))


def setting(rule: Rule) -> str:
    """How a policy sets a rule's parameters, with their defaults: a part of its YAML."""
    lines = ["spec:", "  rules:", f"    {rule.id}:", "      parameters:"]
    return "\n".join([*lines, *(f"        {each.name}: {_yaml(each.default)}" for each in parameters(rule))])


def written(value: object) -> str:
    """A parameter's value for people: `2`, or `LOG_FORMAT=json, RELEASE`."""
    return (", ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)


def example_parameters(rule: Rule) -> str:
    """`variables: LOG_FORMAT=json, RELEASE`, under which the examples hold; empty where these are the defaults."""
    chosen = rule.example_parameters
    fields = dataclasses.fields(rule.parameters) if rule.parameters and chosen is not None else ()
    return "; ".join(f"{_camel(field.name)}: {written(getattr(chosen, field.name))}" for field in fields)


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=list)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snippet(example: str) -> str:
    """An example as it is shown: without the indentation that its module gives it."""
    return textwrap.dedent(example).strip("\n").rstrip()


def _examples(heading: str, examples: Mapping[str, str], style: Style) -> Iterator[str]:
    for caption, example in examples.items():
        yield ""
        yield f"{style.paint(heading, Mark.STRONG)}: {caption}"
        yield from ("", textwrap.indent(snippet(example), _INDENT * 2))
