"""Takes a text apart at its `---` lines as kubectl does, so that a broken document does not hide its neighbours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.sources.problems import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATOR: Final = re.compile(r"^---(?P<rest>[^\n]*)\n?", re.MULTILINE)


class Chunk(Struct, frozen=True):
    """What stands between two separators.

    `start` and `end` are offsets in the text, `line` (from 0) is where it starts, `fault` a bad separator above it.
    """

    start: int
    end: int
    line: int
    fault: MalformedError | None = None


def chunks(text: str) -> Iterator[Chunk]:
    """Give the chunks in order, empty ones too. Newlines are bare."""
    start, line, fault = 0, 0, None
    for separator in _separators(text):
        yield Chunk(start, separator.start(), line, fault)
        line += text.count("\n", start, separator.end())
        start, fault = separator.end(), _fault(separator)
    yield Chunk(start, len(text), line, fault)


def _separators(text: str) -> Iterator[re.Match[str]]:
    """Most files are one document; looking for a plain string is many times faster than the pattern."""
    if text.startswith("---") or "\n---" in text:
        yield from _SEPARATOR.finditer(text)


def _fault(separator: re.Match[str]) -> MalformedError | None:
    """Kubectl takes any line that starts with `---` for a separator, and allows but a comment behind it."""
    rest = separator["rest"].strip()
    if not rest or rest.startswith("#"):
        return None
    message = "found text behind the separator `---`, where kubectl takes only a comment"
    return MalformedError(separator.start(), message)
