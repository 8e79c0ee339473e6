"""What supervisord starts, by its configuration file, and how it stops it."""

from __future__ import annotations

import configparser
import itertools
import posixpath
import re
import shlex
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.process.files import resolved
from gracekeeper_policies.process.supervision import Supervised
from gracekeeper_policies.process.wrappers import Passing
from gracekeeper_policies.provenance import Known, Unknown, Word, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.files import File
    from gracekeeper_policies.process.sight import Sight

_IMPLICIT: Final = (
    "supervisord.conf",
    "etc/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
)
_NAMED: Final = re.compile(r"(?:-[a-zA-Z]*c|--configuration)\Z")
_ATTACHED: Final = re.compile(r"(?:-c|--configuration=)(.+)")
_IN_FRONT: Final = re.compile(r"(?:-[a-zA-Z]*n[a-zA-Z]*|--nodaemon)\Z")
_PROGRAM: Final = re.compile(r"(?:program|fcgi-program):(.+)")
_EXPANSION: Final = re.compile(r"%\((\w+)\)[sd]|%%")
_PAIR: Final = re.compile(r"""\s*([A-Za-z_]\w*)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,]*)\s*(?:,|\Z)""")
_ON: Final = frozenset({"true", "yes", "on", "1"})
_LOWEST: Final = 999
_PATIENCE: Final = 10


def programs(words: tuple[Word, ...], sight: Sight, folder: str) -> tuple[Supervised, ...] | Unknown | None:
    """The programs that it starts, those that it stops first in front; None where its file is not in sight."""
    named = _named(words)
    paths = (named,) if named else _IMPLICIT
    file = next((each for path in paths if (each := sight.files.at(path, folder)) is not None), None)
    parser = _parsed(file.text) if file else None
    if file is None or parser is None:
        return None
    if not (any(_IN_FRONT.match(word.text) for word in words[1:]) or _is_on(parser, "supervisord", "nodaemon")):
        return Unknown("supervisord goes into the background, and the container ends: it lacks nodaemon=true")
    parsed = [(file, parser), *_included(file, parser, sight)]
    doubt = "" if len(parsed) == 1 and not parser.has_section("include") else "supervisord may include further files"
    if not doubt and not parser.has_section("supervisord"):
        return Unknown("supervisord does not start: its file has no section [supervisord]")
    common = _assigned(_Text(file, "supervisord", sight), parser.get("supervisord", "environment", fallback=""))
    groups = _groups([each for _, each in parsed])
    found = [
        _supervised(each, section, match[1], _Text(source, section, sight), common, joined(source.doubt, doubt), groups)
        for source, each in parsed
        for section in each.sections()
        if (match := _PROGRAM.match(section)) and _starts(each, section)
    ]
    return _in_turn(found)


class _Text(Struct, frozen=True):
    """One section of a file, with what its values are expanded by."""

    file: File
    section: str
    sight: Sight

    def source(self, key: str) -> str:
        return f"{self.file.origin}, line {_line(self.file.text, self.section, key)}, {key}"

    def expanded(self, text: str) -> tuple[str, str]:
        """The text, and why a part of it cannot be told."""
        unknown: list[str] = []

        def replaced(match: re.Match[str]) -> str:
            if match[1] is None:
                return "%"
            value = self._value(match[1])
            if isinstance(value, Unknown):
                unknown.append(value.reason)
                return match[0]
            return value

        return _EXPANSION.sub(replaced, text), joined(*unknown)

    def _value(self, name: str) -> str | Unknown:
        if name == "here":
            return posixpath.dirname(self.file.path) or Unknown("%(here)s is known only when it runs")
        if name == "program_name":
            return self.section.partition(":")[2]
        variable = self.sight.variables.get(name.removeprefix("ENV_"))
        if isinstance(variable, Known):
            return variable.value
        return variable if isinstance(variable, Unknown) else Unknown(f"%({name})s is known only when it runs")

    def word(self, text: str, key: str) -> Word:
        told, unknown = self.expanded(text)
        return Word(told, self.source(key), None, unknown)


def _named(words: tuple[Word, ...]) -> str:
    for before, word in itertools.pairwise(words):
        attached = _ATTACHED.fullmatch(word.text)
        if _NAMED.match(before.text):
            return word.text
        if attached:
            return attached[1]
    return ""


def _parsed(text: str) -> configparser.RawConfigParser | None:
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return parser


def _included(
    file: File, parser: configparser.RawConfigParser, sight: Sight
) -> Iterator[tuple[File, configparser.RawConfigParser]]:
    for pattern in parser.get("include", "files", fallback="").split():
        whole = resolved(pattern.replace("%(here)s", posixpath.dirname(file.path)), posixpath.dirname(file.path))
        for each in sight.files.files:
            found = _parsed(each.text) if fnmatchcase(each.path, whole) else None
            if found is not None:
                yield each, found


def _is_on(parser: configparser.RawConfigParser, section: str, key: str, fallback: str = "false") -> bool:
    return parser.get(section, key, fallback=fallback).lower() in _ON


def _starts(parser: configparser.RawConfigParser, section: str) -> bool:
    return parser.has_option(section, "command") and _is_on(parser, section, "autostart", "true")


def _groups(parsers: list[configparser.RawConfigParser]) -> Mapping[str, tuple[int, str]]:
    """The priority and the name of the group that a program belongs to, if it belongs to one."""
    return {
        program.strip(): (_number(parser, section, "priority", _LOWEST), section.partition(":")[2])
        for parser in parsers
        for section in parser.sections()
        if section.startswith("group:")
        for program in parser.get(section, "programs", fallback="").split(",")
    }


def _number(parser: configparser.RawConfigParser, section: str, key: str, default: int) -> int:
    text = parser.get(section, key, fallback="").strip()
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else default


class _Ordered(Struct, frozen=True):
    order: tuple[int, str]
    program: Supervised


def _supervised(
    parser: configparser.RawConfigParser,
    section: str,
    name: str,
    text: _Text,
    common: Mapping[str, Word],
    doubt: str,
    groups: Mapping[str, tuple[int, str]],
) -> _Ordered:
    directory = parser.get(section, "directory", fallback="")
    program = Supervised(
        name,
        _words(parser.get(section, "command"), text),
        Passing.FORWARDS,
        text.file.origin,
        signal=f"SIG{parser.get(section, 'stopsignal', fallback='TERM').upper().removeprefix('SIG')}",
        kills_after=float(_number(parser, section, "stopwaitsecs", _PATIENCE)),
        limit="stopwaitsecs",
        assignments={**common, **_assigned(text, parser.get(section, "environment", fallback=""))},
        directory=text.word(directory, "directory") if directory else None,
        doubt=doubt,
        apart="take stopasgroup out" if _is_on(parser, section, "stopasgroup") else "",
    )
    return _Ordered(groups.get(name, (_number(parser, section, "priority", _LOWEST), name)), program)


def _words(command: str, text: _Text) -> tuple[Word, ...]:
    try:
        parts = shlex.split(command)
    except ValueError:
        return (Word(command, text.source("command"), None, "its quotes do not close"),)
    return tuple(text.word(part, "command") for part in parts)


def _assigned(text: _Text, pairs: str) -> dict[str, Word]:
    return {match[1]: text.word(match[2].strip("\"'"), "environment") for match in _PAIR.finditer(pairs)}


def _in_turn(found: list[_Ordered]) -> tuple[Supervised, ...]:
    orders = sorted({each.order for each in found}, reverse=True)
    turned = [(orders.index(each.order), each.program) for each in found]
    return tuple(_at_turn(program, turn) for turn, program in sorted(turned, key=lambda each: each[0]))


def _at_turn(program: Supervised, turn: int) -> Supervised:
    return replace(program, turn=turn)


def _line(text: str, section: str, key: str) -> int:
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("["):
            inside = line.startswith(f"[{section}]")
        elif inside and re.match(rf"\s*{re.escape(key)}\s*[=:]", line, re.IGNORECASE):
            return number
    return 1
