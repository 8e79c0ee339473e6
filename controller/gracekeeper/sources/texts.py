"""The texts behind the documents, for the few places that a report names.

Of thousands of files only the first texts are kept; a file beyond them is read once more when it is asked for. Standard
input comes only once and is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.encodings import decode
from gracekeeper.sources.files import UnreadableError, read_bytes
from gracekeeper.sources.positions import Locator
from gracekeeper.sources.problems import MalformedError

if TYPE_CHECKING:
    from gracekeeper.sources.edits import Passage
    from gracekeeper.sources.readings import Extent


_ROOM: Final = 8 << 20  # characters


@dataclass(frozen=True, slots=True)
class _Text:
    """How to have a text again: `kept`, or from `path`; `digest` tells whether it is still the same."""

    path: str
    kept: str | None
    digest: int
    extents: tuple[Extent | None, ...]


class Texts:
    """Texts by their origin, and the documents in them by their index."""

    def __init__(self) -> None:
        """Start without any."""
        self._texts: dict[str, _Text] = {}
        self._room = _ROOM
        self._text = ("", "")  # the origin and the text asked for last: reports go file by file
        self._lines: tuple[str, list[str]] = ("", [])
        self._locator: tuple[str, int, Locator | None] = ("", -1, None)
        self._passage: tuple[str, int, Passage | None] = ("", -1, None)

    def add(self, origin: str, text: str, extents: list[Extent | None], path: str = "") -> None:
        """Remember a text; one without a `path` to read it from again is kept."""
        self._remember(origin, _Text(path, text, hash(text), tuple(extents)))

    def _remember(self, origin: str, text: _Text) -> None:
        if text.path and text.kept is not None:
            self._room -= len(text.kept)
            text = text if self._room >= 0 else replace(text, kept=None)
        self._texts[origin] = text

    def learn(self, other: Texts) -> None:
        """Remember what another one remembers."""
        for origin, text in other._texts.items():
            self._remember(origin, text)

    def text(self, origin: str) -> str:
        """Give a text with bare newlines; empty when it is unknown, gone or no longer what it was."""
        if self._text[0] != origin:
            self._text = (origin, self._read(origin))
        return self._text[1]

    def lines(self, origin: str) -> list[str]:
        """Give the lines of a text without their newlines."""
        if self._lines[0] != origin:
            self._lines = (origin, self.text(origin).split("\n"))
        return self._lines[1]

    def locator(self, origin: str, index: int) -> Locator | None:
        """Give what finds places in one document; None when its text is gone."""
        if self._locator[:2] != (origin, index):
            self._locator = (origin, index, self._locate(origin, index))
        return self._locator[2]

    def passage(self, origin: str, index: int) -> Passage | None:
        """Give the text of one document, to change it; None when it is gone."""
        if self._passage[:2] != (origin, index):
            self._passage = (origin, index, self._cut(origin, index))
        return self._passage[2]

    def _read(self, origin: str) -> str:
        known = self._texts.get(origin)
        if known is None or known.kept is not None:
            return known.kept or "" if known else ""
        try:
            text = decode(read_bytes(known.path))
        except (UnreadableError, MalformedError):
            return ""
        return text if hash(text) == known.digest else ""

    def _cut(self, origin: str, index: int) -> Passage | None:
        from gracekeeper.sources.edits import Passage  # noqa: PLC0415 - few reports change a text

        extent, locator = self._extent(origin, index), self.locator(origin, index)
        return Passage(self.text(origin), extent, locator) if extent and locator else None

    def _locate(self, origin: str, index: int) -> Locator | None:
        extent, text = self._extent(origin, index), self.text(origin)
        return Locator(text, extent) if extent and text else None

    def _extent(self, origin: str, index: int) -> Extent | None:
        known = self._texts.get(origin)
        return known.extents[index] if known and 0 <= index < len(known.extents) else None
