"""Rules as SARIF describes them: what code scanning shows beside an alert, and what it sorts alerts by."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from gracekeeper.reports.rule_markdown import markdown_help
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.verdict import Ruling

_PROBLEM: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_SECURITY: Final = {Severity.ERROR: "8.0", Severity.WARNING: "5.5", Severity.NOTE: "2.0"}
"""Code scanning calls them high, medium and low."""
_HOLES: Final = frozenset({"secret-in-plain-env", "debug-mode-enabled"})
"""Rules of other concerns than security that let somebody in."""


def descriptors(rulings: Iterable[Ruling]) -> list[dict[str, Any]]:
    """The rules that found something, in the order of the catalogue."""
    found: dict[Rule, list[Ruling]] = defaultdict(list)
    for ruling in sorted(rulings, key=lambda ruling: ruling.rank):
        found[ruling.rule].append(ruling)
    return [_descriptor(rule, own) for rule, own in found.items()]


def _descriptor(rule: Rule, rulings: Sequence[Ruling]) -> dict[str, Any]:
    sections = [" ".join(section.text.split()) for section in rule.sections]
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": sections[0]},
        "help": {"text": "\n\n".join(sections), "markdown": markdown_help(rule)},
        "defaultConfiguration": {"level": rule.card.severity.label},
        "properties": _properties(rule, rulings),
    }


def _properties(rule: Rule, rulings: Sequence[Ruling]) -> dict[str, Any]:
    severity = rule.card.severity
    is_security = rule.concern == "security" or rule.id in _HOLES
    security = {"security-severity": _SECURITY[severity]} if is_security else {}
    tags = dict.fromkeys(["kubernetes", "python", rule.concern, *(["security"] if is_security else [])])
    return {
        "tags": list(tags),
        "precision": _precision(rulings),
        "problem.severity": _PROBLEM[severity],
        **security,
    }


def _precision(rulings: Sequence[Ruling]) -> str:
    """What is proven is right; the more a rule only suspects here, the less is it to be relied on."""
    suspected = [bool(ruling.finding.doubt) for ruling in rulings]
    return "medium" if all(suspected) else "high" if any(suspected) else "very-high"
