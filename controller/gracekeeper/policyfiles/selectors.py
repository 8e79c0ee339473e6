"""Finds the selectors that Kubernetes would refuse, and those that can never match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.policyfiles.models import Requirement, Selector
    from gracekeeper_policies.document import Path

_PLAIN: Final = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_PREFIX: Final = r"(?=.{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/"
_KEY: Final = re.compile(rf"({_PREFIX})?{_PLAIN}\Z")
_VALUE: Final = re.compile(rf"({_PLAIN})?\Z")
_WITH_VALUES: Final = ("In", "NotIn")


def faults(selector: Selector | None) -> Iterator[tuple[Path, str]]:
    """What is wrong with a selector, each with its place in it."""
    if selector is not None:
        malformed = [*_labels(selector), *_expressions(selector)]
        yield from malformed or _contradictions(selector)


def _labels(selector: Selector) -> Iterator[tuple[Path, str]]:
    for key, value in selector.match_labels.items():
        if not _KEY.match(key):
            yield ("matchLabels", key), _NO_KEY
        elif not _VALUE.match(value):
            yield ("matchLabels", key), _NO_VALUE


def _expressions(selector: Selector) -> Iterator[tuple[Path, str]]:
    for number, each in enumerate(selector.match_expressions):
        at: Path = ("matchExpressions", number)
        if not _KEY.match(each.key):
            yield (*at, "key"), _NO_KEY
        if each.operator in _WITH_VALUES and not each.values:
            yield (*at, "values"), f"{each.operator} needs at least one value"
        if each.operator not in _WITH_VALUES and each.values:
            yield (*at, "values"), f"{each.operator} takes no values"
        yield from (
            ((*at, "values", place), _NO_VALUE) for place, value in enumerate(each.values) if not _VALUE.match(value)
        )


_NO_KEY: Final = "is no label's key, so the selector never matches; a key is a name such as app or example.com/app"
_NO_VALUE: Final = (
    "is no label's value, so the selector never matches; "
    "a value has at most 63 letters, digits, dots, dashes, underscores"
)


def _contradictions(selector: Selector) -> Iterator[tuple[Path, str]]:
    """A label that several requirements leave no value for; told at the first requirement that takes the last one."""
    open_values: dict[str, _Open] = {key: _Open({value}) for key, value in selector.match_labels.items()}
    for number, each in enumerate(selector.match_expressions):
        left = open_values.setdefault(each.key, _Open())
        before = left.possible
        left.take(each)
        if before and not left.possible:
            message = f"never matches: together with the requirements before it, it leaves no value for {each.key}"
            yield ("matchExpressions", number), message


class _Open:
    """What a label may still be: one of `only` where that is not None, none of `never`, absent or present."""

    def __init__(self, only: set[str] | None = None) -> None:
        self.only = only
        self.never: set[str] = set()
        self.absent = only is None
        self.present = True

    @property
    def possible(self) -> bool:
        """Whether anything is left."""
        return self.absent or (self.present and (self.only is None or bool(self.only - self.never)))

    def take(self, requirement: Requirement) -> None:
        """Add a requirement."""
        match requirement.operator:
            case "In":
                values = set(requirement.values)
                self.only = values if self.only is None else self.only & values
                self.absent = False
            case "NotIn":
                self.never |= set(requirement.values)
            case "Exists":
                self.absent = False
            case "DoesNotExist":
                self.present = False
