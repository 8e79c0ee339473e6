"""The catalogue of rules for programs. Fields may be added within a version, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from gracekeeper.reports.rule_page import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gracekeeper_policies.rule import Rule

VERSION: Final = 1


def rules_json(rules: Iterable[Rule]) -> str:
    """Write rules as one JSON object, each with its standing, its page and its parameters."""
    content = {"version": VERSION, "rules": [_rule(rule) for rule in rules]}
    return msgspec.json.format(msgspec.json.encode(content, enc_hook=str), indent=2).decode() + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    card = rule.card
    return {
        "id": rule.id,
        "concern": rule.concern,
        "title": rule.title,
        "severity": card.severity.label,
        "profile": card.profile.label,
        "since": card.since,
        "sections": [{"heading": section.heading, "text": " ".join(section.text.split())} for section in rule.sections],
        "parameters": [
            {"name": each.name, "type": each.kind, "unit": each.unit, "default": each.default, "meaning": each.meaning}
            for each in parameters(rule)
        ],
        "see": list(card.see),
    }
