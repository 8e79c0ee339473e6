"""What uWSGI's files say, as words of its command line.

As its own readers take them (core/ini.c, core/yaml.c): a line is a key and a value, the last occurrence holds, and a
section that is not there sets nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper_policies.provenance import AT_RUN_TIME, Known, Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.environment import Environment

_SECTION: Final = "uwsgi"
_PLACEHOLDER: Final = re.compile(r"\$\(([^)]*)\)|%\(([^)]*)\)|(@\(|%[a-zA-Z0-9])")
_COUNTS: Final = "%k"
_OPENING: Final = ("if-", "for", "ifdef-")
_CLOSING: Final = frozenset({"endif", "endfor", "end-if", "end-for"})
_LIST: Final = "behind a list, what uWSGI reads depends on how it was built"


def file_words(path: str, section: str, text: str, origin: str, environment: Environment) -> tuple[Word, ...] | Unknown:
    """The words of an ini or YAML file; Unknown for a format that is not read here."""
    lines = _Lines(origin, environment)
    if path.endswith((".yaml", ".yml")):
        return tuple(lines.words(_yaml(text, section or _SECTION)))
    if path.endswith((".json", ".js", ".xml")):
        return Unknown("it is not read, since it is neither ini nor YAML")
    return tuple(lines.words(_ini(text, section or _SECTION)))


class _Line(Struct, frozen=True):
    number: int
    key: str
    value: str
    doubt: str = ""


class _Lines(Struct, frozen=True):
    origin: str
    environment: Environment
    known: dict[str, str] = field(default_factory=dict)

    def words(self, lines: Iterator[_Line]) -> Iterator[Word]:
        depth = 0
        for line in lines:
            if line.key in _CLOSING:
                depth = max(depth - 1, 0)
            elif line.key.startswith(_OPENING):
                depth += 1
            else:
                doubt = f"line {line.number} sets {line.key} only on a condition" if depth else line.doubt
                yield self._word(line, doubt)

    def _word(self, line: _Line, doubt: str) -> Word:
        unknown: list[str] = [doubt] if doubt else []
        value = _PLACEHOLDER.sub(lambda match: self._expanded(match, unknown), line.value)
        if not unknown:
            self.known[line.key] = value
        if line.value == _COUNTS and not doubt:
            unknown = [f"$(nproc){AT_RUN_TIME}"]
        reason = f"{self.origin}: {unknown[0]}" if doubt or (unknown and line.value != _COUNTS) else "".join(unknown)
        text = f"--{line.key}={value}" if value else f"--{line.key}"
        return Word(text, f"{self.origin}, line {line.number}, {line.key}", None, reason)

    def _expanded(self, match: re.Match[str], unknown: list[str]) -> str:
        variable = self.environment.variables.get(match[1]) if match[1] else None
        if isinstance(variable, Known):
            return variable.value
        if match[2] in self.known:
            return self.known[match[2]]
        unknown.append(variable.reason if variable else f"{match[0]} is known only when it runs")
        return match[0]


def _ini(text: str, section: str) -> Iterator[_Line]:
    found = ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(" \t\r")
        if line.startswith("["):
            found = line[1:-1]
        elif line and not line.startswith((";", "#")) and found == section:
            key, _, value = line.partition("=")
            yield _Line(number, key.rstrip(" \t\r"), value.strip(" \t\r"))


def _yaml(text: str, section: str) -> Iterator[_Line]:
    is_inside, doubt = False, ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.partition("#")[0].rstrip()
        if not line.strip() or line.startswith("---"):
            continue
        if not line.startswith((" ", "\t")):
            is_inside = line.rstrip() == f"{section}:"
            continue
        doubt = _LIST if is_inside and line.lstrip().startswith(("-", "[", "{")) else doubt
        key, colon, value = line.strip().partition(": ")
        if is_inside and colon and not key.startswith("-"):
            yield _Line(number, key.strip('" \t'), value.strip("\"' \t"), doubt)
