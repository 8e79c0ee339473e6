"""Finds rules by words: in their ids first, then in their titles, then in their pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.rule_page import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gracekeeper_policies.rule import Rule

_IN_ID, _IN_TITLE, _IN_PAGE = 20, 8, 1  # a page says a word a few times
_MOST: Final = 5  # times that a word counts in one text
_PLURAL: Final = re.compile(r"(?<=\w{3})s\Z")


def search(rules: Iterable[Rule], words: str) -> list[Rule]:
    """Give the rules that speak of all the words, else of as many as any rule does; the best first.

    Words match where a word starts with them, whatever their case; a plural finds the singular.
    """
    patterns = [_pattern(word) for word in words.split()]
    scored = [(rule, [_score(rule, pattern) for pattern in patterns]) for rule in rules]
    most = max((_matched(scores) for _, scores in scored), default=0)
    best = [(rule, sum(scores)) for rule, scores in scored if most and _matched(scores) == most]
    return [rule for rule, _ in sorted(best, key=lambda each: -each[1])]


def _matched(scores: Sequence[int]) -> int:
    return sum(score > 0 for score in scores)


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(_PLURAL.sub('', word))}", re.IGNORECASE)


def _score(rule: Rule, pattern: re.Pattern[str]) -> int:
    return sum(weight * min(len(pattern.findall(text)), _MOST) for weight, text in _texts(rule))


def _texts(rule: Rule) -> Iterator[tuple[int, str]]:
    yield _IN_ID, f"{rule.concern} {rule.id}"
    yield _IN_TITLE, rule.title
    yield from ((_IN_PAGE, section.text) for section in rule.sections)
    yield from ((_IN_PAGE, caption) for caption in (*rule.module.BAD, *rule.module.GOOD))
    yield from ((_IN_PAGE, f"{each.name} {each.meaning}") for each in parameters(rule))
