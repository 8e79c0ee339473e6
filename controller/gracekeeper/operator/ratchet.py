"""What an update is denied for: only what it adds.

Else a rollout's own steps, a scale-down or the mending itself would be blocked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.verdict import Ruling

Key: TypeAlias = "tuple[str, str | None, tuple[str, ...]]"
"""What makes a finding the same one before and after: its rule, its container and its place, by names."""


_WORDS: Final = ("command", "args")


def added(new: Iterable[Ruling], old: Iterable[Ruling]) -> list[Ruling]:
    """The findings of the new object that the old one did not have; of several alike only as many as came on top."""
    had = Counter(map(key_of, old))
    return [ruling for ruling in new if not _taken(had, key_of(ruling))]


def _taken(had: Counter[Key], key: Key) -> bool:
    had[key] -= 1
    return had[key] >= 0


def key_of(ruling: Ruling) -> Key:
    """Name a finding such that moving a container or adding an argument before it makes no other one of it."""
    return ruling.rule.id, ruling.container_name, tuple(_steps(ruling.document.values, ruling.finding.at))


def _steps(values: object, path: Path) -> Iterator[str]:
    words = False
    for step in path:
        values = _below(values, step)
        yield step if isinstance(step, str) else _name(values, words=words)
        words = step in _WORDS


def _below(values: object, step: str | int) -> object:
    if isinstance(values, Mapping):
        return values.get(step)
    if isinstance(values, list) and isinstance(step, int) and step < len(values):
        return values[step]
    return None


def _name(item: object, *, words: bool) -> str:
    # A word of a command line is what it was before, also with another number in it.
    name = item.get("name") if isinstance(item, Mapping) else None if words else item
    return name if isinstance(name, str) else "*"
