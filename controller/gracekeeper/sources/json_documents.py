"""Reads JSON: one object, or several behind one another as `jq` prints them."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Final, NoReturn

from gracekeeper.sources.limits import MAX_DEPTH, TOO_DEEP
from gracekeeper.sources.problems import GrammarError, MalformedError
from gracekeeper.sources.scalars import json_number, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_TOKEN: Final = re.compile(
    r'(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")(?P<colon>\s*:)?|[\[\]{}]|(?P<word>[\w.+-]+)', re.DOTALL
)
_SURROGATES: Final = re.compile(r"\\\\|\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(?P<half>\\u[dD][89a-fA-F]\w\w)")
_SENTENCES: Final = {
    "Expecting property name enclosed in double quotes": "expected a key in double quotes",
    "Expecting ':' delimiter": "expected `:` behind the key",
    "Expecting ',' delimiter": "expected `,` or the closing bracket",
    "Expecting value": "expected a value",
    "Illegal trailing comma before end of object": "found a comma before the closing bracket",
    "Illegal trailing comma before end of array": "found a comma before the closing bracket",
    "Unterminated string starting at": "the quotation mark that opens this text is never closed",
    "Invalid control character at": "found a line break or a control character inside a text; write it as an escape",
}


def documents(text: str, start: int = 0) -> Iterator[tuple[object, int, int]]:
    """Give each value with its start and end (offsets in the text).

    GrammarError: not JSON. MalformedError: JSON that Kubernetes cannot take, because a key stands twice in an object, a
    number is out of range, a surrogate has lost its other half, or objects nest too deep.
    """
    _check_depth(text, start)
    _check_surrogates(text, start)
    position = skip_space(text, start)
    while position < len(text):
        value, end = _decode(text, position)
        yield value, position, end
        position = skip_space(text, end)


def skip_space(text: str, position: int) -> int:
    """The offset of the first character from `position` on that is no white space."""
    match = _SPACE.match(text, position)
    return match.end() if match else position


class _RefusedError(Exception):
    """A hook met what Kubernetes cannot take; where it stands, a second walk finds out."""


def _decode(text: str, position: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise GrammarError(error.pos, _SENTENCES.get(error.msg, f"not JSON: {error.msg}")) from None
    except _RefusedError:
        _find_refused(text, position)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _RefusedError
    return value


def _number(text: str) -> int | float:
    """A signed 64-bit integer, else the float that comes nearest."""
    value = float(text)
    if not isfinite(value):
        raise _RefusedError
    if text.lstrip("-").isdigit() and -(2**63) <= (integer := int(text)) < 2**63:
        return integer
    return json_number(value)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_number
)


def _find_refused(text: str, start: int) -> NoReturn:
    """Walk through the tokens to the first one that made the decoder stop."""
    seen: list[dict[str, int]] = []
    for token in _TOKEN.finditer(text, start):
        if token["colon"]:
            _check_key(token, seen[-1])
        elif token["word"] and token["word"] not in {"true", "false", "null"}:
            _check_number(token)
        elif token[0] in "{[":
            seen.append({})
        elif token[0] in "}]":
            seen.pop()
    raise MalformedError(start, "found JSON that Kubernetes cannot take")


def _check_key(token: re.Match[str], seen: dict[str, int]) -> None:
    key = json.loads(token["string"])
    if key in seen:
        message = f"the key `{shorten(key)}` is set twice in one mapping, first on line"
        raise MalformedError(token.start(), message, seen[key])
    seen[key] = token.start()


def _check_number(token: re.Match[str]) -> None:
    try:
        _number(token["word"])
    except _RefusedError:
        message = "found a number that JSON and Kubernetes cannot hold"
        raise MalformedError(token.start(), message) from None


def _check_depth(text: str, start: int) -> None:
    """Count before decoding, which recurses."""
    if text.count("[", start) + text.count("{", start) <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in "{[") - (token[0] in "}]")
        if depth > MAX_DEPTH:
            raise MalformedError(token.start(), TOO_DEEP)


def _check_surrogates(text: str, start: int) -> None:
    for match in _SURROGATES.finditer(text, start):
        if match["half"]:
            raise MalformedError(
                match.start(), f"found `{match['half']}`, half of a surrogate pair without its other half"
            )
