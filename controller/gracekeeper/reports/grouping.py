"""Puts findings in the order in which people mend them: by workload and container, what repeats told once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Document
    from gracekeeper_policies.verdict import Judged, Ruling


@dataclass(frozen=True)
class Entry:
    """A finding, and the same finding elsewhere, in the same words but perhaps with other values to write."""

    ruling: Ruling
    repeats: tuple[Ruling, ...] = ()

    @property
    def remedies_differ(self) -> bool:
        """Whether what mends it here is not what mends it everywhere."""
        remedy = self.ruling.finding.remedy
        return any(repeat.finding.remedy != remedy for repeat in self.repeats)


@dataclass(frozen=True)
class Group:
    """The findings of one container; `container` is None for those of a pod with several.

    `judged` is None for the findings of an object that is no workload.
    """

    judged: Judged | None
    container: Container | None
    entries: tuple[Entry, ...]


def groups(rulings: Sequence[Ruling], *, collapse: bool) -> Iterator[Group]:
    """Group findings; with `collapse`, what is found again word for word is told where it is found first."""
    whose: dict[Document, list[Entry]] = defaultdict(list)
    for entry in _entries(rulings, collapse=collapse):
        whose[entry.ruling.document].append(entry)
    for found in whose.values():
        judged = found[0].ruling.judged
        if judged:
            yield from _of_workload(judged, found)
            judged.release()
    # What is no workload, such as an exception, comes last.
    beside = (found for found in whose.values() if found[0].ruling.judged is None)
    yield from (Group(None, None, tuple(found)) for found in beside)


def _of_workload(judged: Judged, entries: Sequence[Entry]) -> Iterator[Group]:
    containers = judged.workload.containers
    # Where a pod has one container, what concerns the pod concerns that container.
    whole = containers[0].path if len(containers) == 1 else None
    for container in (None, *containers):
        path = container.path if container else None
        found = tuple(entry for entry in entries if (entry.ruling.container_path or whole) == path)
        if found:
            yield Group(judged, container, found)


def _entries(rulings: Sequence[Ruling], *, collapse: bool) -> list[Entry]:
    same: dict[object, list[Ruling]] = defaultdict(list)
    for number, ruling in enumerate(rulings):
        same[_words(ruling) if collapse else number].append(ruling)
    return [Entry(first, tuple(repeats)) for first, *repeats in same.values()]


def _words(ruling: Ruling) -> tuple[object, ...]:
    finding = ruling.finding
    return ruling.rule.id, ruling.severity, finding.certainty, finding.message
