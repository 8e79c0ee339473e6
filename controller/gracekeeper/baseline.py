"""The baseline: findings that are known and do not fail, in a file that is kept with the manifests.

An entry is matched by its fingerprint; the rest of it is for who reads the file, but for two things. A finding that has
become worse is new. And where one object stands in several files, each file's own findings are known first.
"""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections import defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import msgspec

from gracekeeper.errors import ConfigurationError
from gracekeeper.sources.files import UnreadableError, read_bytes
from gracekeeper.sources.input import STANDARD_INPUT, file_of
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.fingerprint import fingerprint, named_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gracekeeper_policies.verdict import Ruling

VERSION: Final = 1
_SEVERITIES: Final = {severity.label: severity for severity in Severity}
_RESTORE: Final = "Take it back from version control, or delete it and let --write-baseline make it anew."


class Entry(msgspec.Struct, frozen=True):
    """A known finding; `file` counts from the baseline's own folder, `path` has names instead of positions."""

    fingerprint: str
    rule: str
    severity: str
    workload: str
    container: str | None
    path: str
    file: str


class _File(msgspec.Struct, frozen=True):
    version: int
    findings: tuple[Entry, ...]


class Read(msgspec.Struct, frozen=True):
    """What a run has read: all in its `paths`, but not all of the files `unread`."""

    paths: Sequence[str]
    unread: Sequence[str] = ()


class Baseline:
    """The known findings of a file. It works wherever it is called from, since files are named from its folder on."""

    def __init__(self, path: str, entries: Iterable[Entry] = ()) -> None:
        """`path` is what the user calls the file."""
        self.path = path
        self.entries = tuple(entries)
        self._folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120 - links stay as they are

    @classmethod
    def read(cls, path: str) -> Baseline:
        """Read a baseline.

        Raises:
            FileNotFoundError: there is no such file.
            ConfigurationError: it cannot be read, or holds something else.
        """
        if not os.path.lexists(path):
            raise FileNotFoundError(path)
        try:
            return cls(path, _entries(path, read_bytes(path).removeprefix(BOM_UTF8)))
        except UnreadableError as error:
            reason = str(error).partition(";")[0]  # what may be done about a manifest does not help here
            raise ConfigurationError(f"the baseline {path} {reason}.") from error

    def known_among(self, rulings: Iterable[Ruling]) -> dict[Ruling, Entry]:
        """The rulings that are known, each with its entry; of several alike only as many as there are entries."""
        waiting: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            waiting[entry.fingerprint].append(entry)
        named = [(ruling, waiting[name]) for ruling in rulings if (name := fingerprint(ruling)) in waiting]
        known: dict[Ruling, Entry] = {}
        for ruling, entries in named:
            _take(ruling, [entry for entry in entries if entry.file == self._file(ruling)], entries, known)
        for ruling, entries in named:
            _take(ruling, entries, entries, known)
        return known

    def gone(self, known: Mapping[Ruling, Entry], read: Read) -> int:
        """How many entries are found no more, among those of the files that were read."""
        found = {id(entry) for entry in known.values()}
        return sum(id(entry) not in found for entry in self._of(read))

    def rewritten(self, rulings: Iterable[Ruling], known: Mapping[Ruling, Entry], read: Read) -> Baseline:
        """The baseline that holds these rulings, and what it had of files that were not read."""
        covered = {id(entry) for entry in (*self._of(read), *known.values())}
        kept = [entry for entry in self.entries if id(entry) not in covered]
        return Baseline(self.path, sorted([*kept, *map(self._entry, rulings)], key=_order))

    def text(self) -> str:
        """The whole file: a line for each finding, so that version control can merge it."""
        lines = [f"\n  {msgspec.json.encode(entry).decode()}" for entry in self.entries]
        end = "\n" if lines else ""
        return f'{{"version": {VERSION}, "findings": [{",".join(lines)}{end}]}}\n'

    def _of(self, read: Read) -> list[Entry]:
        places, unread = set(map(_place, read.paths)), set(map(_place, read.unread))
        held = [(entry, _place(entry.file, self._folder)) for entry in self.entries]
        return [
            entry for entry, place in held if place not in unread and not places.isdisjoint((place, *place.parents))
        ]

    def _entry(self, ruling: Ruling) -> Entry:
        place = named_path(ruling.document.values, ruling.finding.at)
        return Entry(
            fingerprint(ruling),
            ruling.rule.id,
            ruling.severity.label,
            str(ruling.identity),
            ruling.container_name,
            ruling.elision(".".join(place)),
            self._file(ruling),
        )

    def _file(self, ruling: Ruling) -> str:
        return self._named(ruling.document.origin)

    def _named(self, path: str) -> str:
        return path if path == STANDARD_INPUT else PurePath(os.path.relpath(file_of(path), self._folder)).as_posix()


def _take(ruling: Ruling, wanted: Sequence[Entry], waiting: list[Entry], known: dict[Ruling, Entry]) -> None:
    found = next((entry for entry in wanted if _SEVERITIES[entry.severity] >= ruling.severity), None)
    if found is not None and ruling not in known:
        known[ruling] = found
        waiting.remove(found)


def _place(path: str, folder: str = "") -> PurePath:
    """Where a file is, however it is written; standard input is a place of its own."""
    return PurePath(path if path == STANDARD_INPUT else os.path.abspath(os.path.join(folder, file_of(path))))  # noqa: PTH100, PTH118


def _order(entry: Entry) -> tuple[str, ...]:
    return entry.file, entry.workload, entry.rule, entry.container or "", entry.path, entry.fingerprint


def _entries(path: str, content: bytes) -> tuple[Entry, ...]:
    try:
        found = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        # What it says names types and offsets; a value of the file is nowhere quoted.
        raise ConfigurationError(f"{path} is no baseline: {str(fault).rstrip('.').lower()}.", _RESTORE) from None
    if found.version != VERSION:
        raise ConfigurationError(f"{path} is a baseline of version {found.version}, expected {VERSION}.", _RESTORE)
    if any(entry.severity not in _SEVERITIES for entry in found.findings):
        raise ConfigurationError(f"{path} is no baseline: a finding has a severity that there is not.", _RESTORE)
    return found.findings
