"""What honcho starts, by its Procfile and the `.env` beside it."""

from __future__ import annotations

import posixpath
import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.supervision import Supervised
from gracekeeper_policies.process.wrappers import Passing
from gracekeeper_policies.provenance import Known, Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.sight import Sight

_LINE: Final = re.compile(r"([A-Za-z0-9_-]+):\s*(.+)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_VALUED: Final = {
    **dict.fromkeys(("-e", "--env"), "env"),
    **dict.fromkeys(("-d", "--app-root"), "folder"),
    **dict.fromkeys(("-f", "--procfile"), "procfile"),
    **dict.fromkeys(("-p", "--port"), "port"),
    **dict.fromkeys(("-c", "--concurrency"), "concurrency"),
    **dict.fromkeys(("-q", "--quiet"), "quiet"),
}
_FIRST_PORT: Final = 5000
_APART: Final = 100
_PATIENCE: Final = 5.0


class _Call(Struct, frozen=True):
    given: dict[str, Word]
    chosen: tuple[str, ...]

    def value(self, name: str, default: str) -> str:
        return self.given[name].text if name in self.given else default


def processes(words: tuple[Word, ...], sight: Sight, folder: str) -> tuple[Supervised, ...] | Unknown | None:
    """What `honcho start` starts; None for another of its commands, and where its Procfile is not in sight."""
    call = _called(words)
    root = call.value("folder", "") if call else ""
    file = sight.files.at(posixpath.join(root, call.value("procfile", "Procfile")), folder) if call else None
    if call is None or file is None:
        return None
    lines = [(number, match) for number, text in enumerate(file.text.splitlines(), 1) if (match := _LINE.match(text))]
    variables = _variables(call, root, sight, folder)
    chosen = [(number, match) for number, match in lines if not call.chosen or match[1] in call.chosen]
    return tuple(
        Supervised(
            match[1],
            (Word("sh"), Word("-c"), Word(match[2], f"{file.origin}, line {number}, {match[1]}")),
            Passing.SPREADS,
            file.origin,
            kills_after=_PATIENCE if len(chosen) > 1 else None,
            assignments={**variables, "PORT": _port(call, variables, sight, position)},
            directory=None,
            doubt=file.doubt,
            apart="start it without honcho",
        )
        for position, (number, match) in enumerate(chosen)
    )


def _called(words: tuple[Word, ...]) -> _Call | None:
    given, rest = dict[str, Word](), list[str]()
    for before, word in pairwise(words):
        flag, equals, value = word.text.partition("=")
        if before.text in _VALUED:
            given[_VALUED[before.text]] = word
        elif equals and flag in _VALUED:
            given[_VALUED[flag]] = word.part(value)
        elif not word.text.startswith("-"):
            rest.append(word.text)
    return _Call(given, tuple(rest[1:])) if rest[:1] == ["start"] else None


def _variables(call: _Call, root: str, sight: Sight, folder: str) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for name in call.value("env", ".env").split(","):
        file = sight.files.at(posixpath.join(root, name), folder)
        for number, line in enumerate(file.text.splitlines() if file else (), 1):
            pair = _assignment(line)
            if pair and file:
                found[pair[0]] = Word(pair[1], f"{file.origin}, line {number}, {pair[0]}")
    return found


def _assignment(line: str) -> tuple[str, str] | None:
    # honcho/environ.py: a name, an equals sign, and the tokens behind it without what stands between them.
    try:
        tokens = list(shlex.shlex(line, posix=True))
    except ValueError:
        return None
    name, equals, *value = tokens if len(tokens) > 2 else ("", "")  # noqa: PLR2004
    return (name, "".join(value)) if equals == "=" and _NAME.match(name) else None


def _port(call: _Call, variables: Mapping[str, Word], sight: Sight, position: int) -> Word:
    found = sight.variables.get("PORT")
    if isinstance(found, Unknown):
        return Word("", unknown=found.reason)
    outer = (
        Word(found.value, found.source, found.path) if isinstance(found, Known) else Word(str(_FIRST_PORT), "honcho")
    )
    first = variables.get("PORT") or call.given.get("port") or outer
    if not first.text.isdecimal():
        return Word(first.text, first.source, first.path, first.unknown or "PORT is no number")
    return Word(str(int(first.text) + _APART * position), f"PORT, by {first.source}")
