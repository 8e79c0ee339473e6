"""Finds the line and column of a value, for what is reported and nothing else.

A document is read a second time then, by a reader that keeps its places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.sources.json_places import JSONPlaces
from gracekeeper.sources.quick_places import QuickPlaces, whole_places
from gracekeeper.sources.readings import Extent, Syntax

if TYPE_CHECKING:
    from gracekeeper.sources.yaml_places import YAMLPlaces
    from gracekeeper_policies.document import Path


def _places(text: str, syntax: Syntax) -> QuickPlaces | YAMLPlaces | JSONPlaces:
    if syntax is Syntax.JSON:
        return JSONPlaces(text)
    return (QuickPlaces.of(text) if syntax is Syntax.PLAIN_YAML else None) or whole_places(text)


class Span(Struct, frozen=True, order=True):
    """A stretch of one line: `line` and `column` count from 1, `end_column` is behind the last character.

    It starts at the key of a mapping's entry or at a list's item and ends with the value, or where the entry goes on
    over further lines with the first of them.
    """

    line: int
    column: int
    end_column: int

    @property
    def end_line(self) -> int:
        """The line itself."""
        return self.line


class Locator:
    """Finds places in one document; reading it again happens once, here.

    MalformedError: the text is not the one that `extent` was read from.
    """

    def __init__(self, text: str, extent: Extent) -> None:
        """`text` is the whole text with bare newlines."""
        self._places = _places(extent.cut(text), extent.syntax)
        self._line = extent.line + 1
        self._margin = extent.start - (text.rfind("\n", 0, extent.start) + 1)  # characters before it on its first line
        self._found: dict[Path, Span] = {}

    def find(self, path: Path) -> Span:
        """Where the value at `path` stands; where its deepest ancestor does when the path leads nowhere."""
        found = self._found.get(path)
        if found is None:
            found = self._found[path] = self._find(path)
        return found

    def _find(self, path: Path) -> Span:
        line, start, end = self._places.find(path)
        column = 1 + (0 if line else self._margin)
        return Span(self._line + line, column + start, column + end)
