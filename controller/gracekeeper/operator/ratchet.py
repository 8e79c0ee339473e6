"""What an update is denied for: only what it adds.

Else a rollout's own steps, a scale-down or the mending itself would be blocked.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from gracekeeper_policies.fingerprint import named_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gracekeeper_policies.verdict import Ruling

Key: TypeAlias = "tuple[str, str | None, tuple[str, ...]]"
"""What makes a finding the same one before and after: its rule, its container and its place, by names."""


def added(new: Iterable[Ruling], old: Iterable[Ruling]) -> list[Ruling]:
    """The findings of the new object that the old one did not have; of several alike only as many as came on top."""
    had = Counter(map(key_of, old))
    return [ruling for ruling in new if not _taken(had, key_of(ruling))]


def _taken(had: Counter[Key], key: Key) -> bool:
    had[key] -= 1
    return had[key] >= 0


def key_of(ruling: Ruling) -> Key:
    """Name a finding such that moving a container or adding an argument before it makes no other one of it."""
    place = named_path(ruling.document.values, ruling.finding.at)
    return ruling.rule.id, ruling.container_name, place
