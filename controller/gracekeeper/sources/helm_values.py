"""The values a chart is rendered with, and who has the last word on each: its values.yaml, `--values`, `--set`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gracekeeper.sources.encodings import decode
from gracekeeper.sources.files import UnreadableError, read_bytes, show
from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.readings import Read, readings
from gracekeeper_policies.document import ABSENT, value_at

if TYPE_CHECKING:
    from gracekeeper.sources.helm import Release
    from gracekeeper.sources.readings import Extent

Keys: TypeAlias = tuple[str, ...]
"""The way to a value: `("web", "grace")` for `.Values.web.grace`."""

_PLAIN_SET: Final = re.compile(r"(?P<keys>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)=(?P<text>[^,\\{}\[\]]*)\Z")


@dataclass(frozen=True)
class ValuesFile:
    """A file of values; `path` is where it lies and `shown` how it is printed."""

    path: str
    shown: str
    text: str
    extent: Extent
    values: dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """Who sets a value, and to what: the `file`, or None for `--set`, whose value is a text."""

    keys: Keys
    file: ValuesFile | None
    value: object


@dataclass(frozen=True)
class Values:
    """The values of one release: `files`, and the keys and texts of `sets`, each in their order: the last one wins."""

    files: tuple[ValuesFile, ...]
    sets: tuple[tuple[Keys, str], ...]

    def setting(self, keys: Keys) -> Setting | None:
        """Who has the last word on a value; None where several have a part in it, or nobody sets it."""
        for other, text in reversed(self.sets):
            if other == keys:
                return Setting(keys, None, text)
            if _one_holds_the_other(other, keys):
                return None
        speaking = [file for file in self.files if _speaks_of(file.values, keys)]
        held = value_at(speaking[-1].values, keys) if speaking else ABSENT
        if held is ABSENT or (isinstance(held, dict) and len(speaking) > 1):
            return None
        return Setting(keys, speaking[-1], held)


def values_of(release: Release) -> Values | None:
    """Read the values of a release again; None where one of its files or sets is not as plain as to be followed."""
    sets = [_PLAIN_SET.match(each) for each in release.sets]
    try:
        files = tuple(_read(path) for path in (str(Path(release.chart, "values.yaml")), *release.values))
    except (UnreadableError, MalformedError):
        return None
    plain = tuple((tuple(each["keys"].split(".")), each["text"]) for each in sets if each)
    return Values(files, plain) if len(plain) == len(sets) else None


def _read(path: str) -> ValuesFile:
    text = decode(read_bytes(path))
    found = list(readings(text))
    if len(found) != 1 or not isinstance(found[0], Read) or not isinstance(found[0].values, dict):
        raise MalformedError(0, "holds no values")
    return ValuesFile(path, show(path), text, found[0].extent, found[0].values)


def _one_holds_the_other(one: Keys, other: Keys) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _speaks_of(values: dict[str, Any], keys: Keys) -> bool:
    """Whether a file sets a value or takes away what holds it: all but a mapping on the way to it does."""
    reached = next(
        (length for length in range(len(keys)) if not isinstance(value_at(values, keys[:length]), dict)), None
    )
    if reached is None:
        return value_at(values, keys) is not ABSENT
    return value_at(values, keys[:reached]) is not ABSENT
