"""Finds secrets in variables, in the words of a command line, and in free text: scripts, addresses, JSON, headers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.remembered import remembered
from gracekeeper_policies.secrecy.names import may_promise, promise
from gracekeeper_policies.secrecy.pattern import Pattern
from gracekeeper_policies.secrecy.shapes import is_noise, may_be_noise, may_be_shaped, shaped
from gracekeeper_policies.secrecy.values import is_filler, told_by_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Secret:
    """A secret that stands in the open: whose it is, what it is, and why it may be none after all.

    `name` is the variable's, the flag's or the key's, empty where nothing names it.
    """

    name: str
    what: str
    value: str = field(repr=False)
    doubt: str = ""


# These only save time: what they do not match holds nothing that the patterns below find.
_SEPARATED: Final = re.compile(r"[=:\s]")
_HINTS: Final = ("pass", "pwd", "secret", "token", "key", "salt", "authorization")
_HINT: Final = re.compile("|".join(_HINTS))
_TOOL: Final = re.compile("curl|wget|http|mysql|mariadb|-cli|mongo|sshpass")
_SHORTEST_KEY: Final = 20
_SHORT: Final = 256
_FEW: Final = 16
_PARTS: Final = 16
_QUOTED: Final = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"
# In a program's text, what stands in front of a bracket or a comma is an expression.
_BARE: Final = r"[^\s\"'`;|&<>()\[\]{},]+(?=[\s;|&<>\"'`]|\Z)"
_START: Final = r"(?<![\w.-])"
_PAIRS: Final = (
    Pattern(rf"{_START}(?P<name>[A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*(?P<value>{_QUOTED})"),
    Pattern(rf"{_START}-{{0,2}}(?P<name>[A-Za-z_][\w.-]*)=(?P<value>{_BARE})"),
    Pattern(rf"{_START}--?(?P<name>[A-Za-z][\w.-]*)[ \t]+(?P<value>{_QUOTED}|(?!-){_BARE})"),
    Pattern(r"^[ \t-]*(?P<name>[A-Za-z_][\w.-]*):[ \t]+(?P<value>[^\s\"'].*)$", re.MULTILINE),
    Pattern(r"[\"'](?P<name>[A-Za-z][\w-]*):\s*(?P<value>[^\"'\n]+)[\"']"),
    Pattern(
        rf"{_START}[\"']?name[\"']?\s*:\s*[\"']?(?P<name>[\w.-]+)[\"']?\s*,\s*[\"']?value[\"']?\s*:\s*(?P<value>{_QUOTED}|{_BARE})"
    ),
)
_AROUND: Final = r"\b[^|;&\n]{0,100}?\s"
_TOOLS: Final = (
    Pattern(rf"\b(?:curl|wget|http){_AROUND}(?:-u|--user)[ =]*[\"']?[^\s:\"']+:(?P<value>[^\s\"']+)"),
    Pattern(rf"\b(?:mysql\w*|mariadb[\w-]*){_AROUND}-p[\"']?(?P<value>[^\s\"']+)"),
    Pattern(rf"\b(?:redis|valkey)-cli{_AROUND}-a[ =]*[\"']?(?P<value>[^\s\"']+)"),
    Pattern(rf"\b(?:mongo\w*|mongosh){_AROUND}-p[ =]*[\"']?(?P<value>[^\s\"']+)"),
    Pattern(r"\bsshpass\s+-p\s*[\"']?(?P<value>[^\s\"']+)"),
)
_BEARER: Final = Pattern(
    r"\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token)\s+(?P<value>[^\s\"']+)", re.IGNORECASE
)
_TYPE: Final = Pattern(r"(?:str|string|int|bool|float|bytes|object|any|optional\b.*|secretstr)\Z", re.IGNORECASE)
_ATTRIBUTE: Final = Pattern(r"[a-z_]\w*(?:\.[a-z_]\w*)+\Z")
# What is random on purpose and no secret.
_NO_NOISE: Final = Pattern(
    r"hash|digest|checksum|sha\d|uuid|version|build|commit|revision|cert|public|model", re.IGNORECASE
)


def may_be_secret(name: str, text: str) -> bool:
    """Tell quickly whether a look at a variable is worth while: most are short words under harmless names."""
    return len(text) >= _SHORTEST_KEY or promise(name) is not None or _SEPARATED.search(text) is not None


def suspects(variables: Sequence[tuple[str, str]], first: int = 0) -> Iterator[int]:
    """The numbers of those among names and values at which a look is worth while; `first` is that of the first.

    Many are looked at together: of the thousands that a manifest may have, most hold nothing.
    """
    if len(variables) <= _FEW:
        yield from range(first, first + len(variables))
    elif _may_hold_any(tuple(variables)):
        share = max(_FEW, len(variables) // _PARTS)
        for start in range(0, len(variables), share):
            yield from suspects(variables[start : start + share], first + start)


@remembered(2)
def _may_hold_any(variables: tuple[tuple[str, str], ...]) -> bool:
    """Asked for a finding and for its wording."""
    names, values = zip(*variables, strict=True)
    if max(map(len, values)) > _SHORT or may_promise("\n".join(names)):
        return True  # a long text is looked at once only, where that is remembered
    text = "\n".join(values)
    lower, mixed = text.lower(), not text.islower() and not text.isupper()
    return (
        any(hint in lower for hint in _HINTS)
        or may_be_shaped(text)
        or (" -" in text and _TOOL.search(text) is not None)
        or (mixed and any(map(may_be_noise, values)))
    )


def in_variable(name: str, value: str) -> Secret | None:
    """The secret that a variable holds, by its name, by its shape, or, with a doubt, by its randomness alone."""
    if not may_be_secret(name, value):
        return None
    kind = told_by_name(name, value)
    if kind is not None:
        return Secret(name, kind.value, value)
    found, noise = _told(value) if len(value) < _SHORT else _told_of_long(value)
    if found is not None:
        return Secret(name, found.what, found.value)
    if noise and not _NO_NOISE.compiled.search(name) and not is_filler(value):
        return Secret(name, "a key", value, "it looks like a key by its randomness alone")
    return None


@remembered(1 << 14)
def _told(value: str) -> tuple[Secret | None, bool]:
    """The first secret in a value, and whether the whole is random; it is asked for a finding and for its wording."""
    return next(in_text(value), None), is_noise(value)


@remembered(16)
def _told_of_long(value: str) -> tuple[Secret | None, bool]:
    return next(in_text(value), None), is_noise(value)


def in_words(words: Sequence[str]) -> Iterator[tuple[int, Secret]]:
    """The secrets in a command line's words, each once, with the number of its word."""
    seen: set[tuple[int, str]] = set()
    if _is_suspect(" ".join(words)):  # asked for a finding and for its wording
        for number, secret in (*_behind_flags(words), *_inside(words), *_behind_tools(words)):
            if (number, secret.value) not in seen:
                seen.add((number, secret.value))
                yield number, secret


@remembered(16)
def _is_suspect(text: str) -> bool:
    return bool(_HINT.search(text.lower()) or may_be_shaped(text) or _TOOL.search(text))


def _behind_flags(words: Sequence[str]) -> Iterator[tuple[int, Secret]]:
    for number, (flag, value) in enumerate(pairwise(words), 1):
        if flag.startswith("-") and not value.startswith("-") and "=" not in flag:
            kind = told_by_name(flag.lstrip("-"), value)
            if kind is not None:
                yield number, Secret(flag, kind.value, value)


def _inside(words: Sequence[str]) -> Iterator[tuple[int, Secret]]:
    for number, word in enumerate(words):
        if len(word) >= _SHORTEST_KEY or _SEPARATED.search(word):
            yield from ((number, secret) for secret in in_text(word))


def _behind_tools(words: Sequence[str]) -> Iterator[tuple[int, Secret]]:
    line = " ".join(words) if len(words) > 1 else ""
    for secret in _by_tools(line) if _TOOL.search(line) else ():
        yield from ((number, secret) for number, word in enumerate(words) if word.endswith(secret.value))


def in_text(text: str) -> Iterator[Secret]:
    """The secrets in a text; a value that only names another variable is none."""
    if len(text) < _SHORTEST_KEY and not _SEPARATED.search(text):
        return
    for what, value in shaped(text):
        yield Secret("", what, value)
    if _HINT.search(text.lower()):
        yield from _by_pairs(text)
    if " -" in text and _TOOL.search(text):
        yield from _by_tools(text)


def _by_pairs(text: str) -> Iterator[Secret]:
    for pattern in _PAIRS:
        for match in pattern.compiled.finditer(text):
            if promise(match["name"]) is None:
                continue
            value = _unquoted(match["value"])
            kind = None if _is_code(match["value"]) else told_by_name(match["name"], value)
            if kind is not None:
                yield Secret(match["name"], kind.value, value)
    yield from _matched(_BEARER, text)


def _by_tools(text: str) -> Iterator[Secret]:
    for pattern in _TOOLS:
        yield from _matched(pattern, text)


def _matched(pattern: Pattern, text: str) -> Iterator[Secret]:
    for match in pattern.compiled.finditer(text):
        if not is_filler(match["value"]):
            yield Secret("", "a password", match["value"])


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] else value


def _is_code(value: str) -> bool:
    return bool(_TYPE.compiled.match(value) or _ATTRIBUTE.compiled.match(value))
