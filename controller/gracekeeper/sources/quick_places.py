"""Where values stand in the YAML that the quick reader takes: a key is found by its line and its indentation.

Nothing else is asked of a line than where its entry starts and ends. What stands in brackets on one line is given to
the whole parser, and so is a text with a quotation over several lines, which may look like anything.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.sources.yaml_places import YAMLPlaces
    from gracekeeper_policies.document import Path

_OPEN_QUOTE: Final = re.compile(r"""(?:^\ *|[-:?]\ +)(?:"(?:[^"\\]|\\.)*|'(?:[^']|'')*)\Z""")
_CONTENT: Final = re.compile(r"\ *(?![\ #])(?=.)")
_NO_CONTENT: Final = 1 << 30
_DOUBT: Final = -1
_ITEM: Final = re.compile(r"-(?:\ +(?![\ #])(?=.)|\ *(?:\#.*)?\Z)")
_ENTRY: Final = re.compile(
    r"""
    (?P<key>
        "(?:[^"\\]|\\.)*" | '(?:[^']|'')*'
      | (?!["']) (?: [^\ :\#] | :(?=[^\ ]) | (?<=[^\ ])\# | \ +(?![\ \#:]) )+
    )
    (?P<colon> \ *: ) (?: \ +(?![\ \#])(?=.) | \ *(?:\#.*)?\Z )
    """,
    re.VERBOSE,
)
_SCALAR: Final = re.compile(
    r"""
    "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' | [|>]-?(?=\ *(?:\#|\Z)) | [\[{].*
  | (?![\[{"']) (?: [^\ ] | \ +(?![\ \#])(?=.) )+
    """,
    re.VERBOSE,
)


_WORD: Final = re.compile(
    r"""
    \ * (?P<word>
        "(?:[^"\\]|\\.)*" | '(?:[^']|'')*'
      | (?!["']) (?: [^\s\[\]{},:\#] | :(?=[^\s,\[\]{}]) | \ +(?=[^\s\[\]{},\#]) )+
    ) \ * (?P<end> [,\]] )
    """,
    re.VERBOSE,
)


class _Node(NamedTuple):
    """A value: the line and column of its first character, and the line behind its last one."""

    line: int
    column: int
    stop: int


class _Entry(NamedTuple):
    """An entry of a mapping or an item of a list: where it starts and ends on its first line, and its value."""

    line: int
    start: int
    end: int
    value: _Node | None


def whole_places(text: str) -> YAMLPlaces:
    """Read with the whole parser, which is loaded when the first text needs it.

    MalformedError: it is not YAML.
    """
    from gracekeeper.sources.yaml_places import YAMLPlaces  # noqa: PLC0415

    return YAMLPlaces(text)


@lru_cache(maxsize=1 << 14)
def _indent(line: str) -> int:
    """How far a line stands to the right; an empty one or a comment ends nothing, however far to the left it stands."""
    if _OPEN_QUOTE.search(line):
        return _DOUBT
    content = _CONTENT.match(line)
    return _NO_CONTENT if content is None else content.end()


class _Key(NamedTuple):
    """The key of an entry: its text, where its colon ends, and where its value starts, at the line's end if below."""

    text: str
    end: int
    value: int


# Most lines of a manifest stand in others too, so what they say is found out once.


@lru_cache(maxsize=1 << 14)
def _key(line: str, column: int) -> _Key | None:
    match = _ENTRY.match(line, column)
    return None if match is None else _Key(_spelt(match["key"]), match.end("colon"), match.end())


@lru_cache(maxsize=1 << 14)
def _item(line: str, column: int) -> int | None:
    """Where the value of a list's item starts; None where there is no item."""
    match = _ITEM.match(line, column)
    return None if match is None else match.end()


@lru_cache(maxsize=1 << 8)
def _places_in_brackets(text: str) -> YAMLPlaces:
    return whole_places(text + "\n")


class QuickPlaces:
    """A document whose every line says what it is."""

    @classmethod
    def of(cls, text: str) -> QuickPlaces | None:
        """Take a document that the quick reader took; None on any doubt."""
        lines = text.split("\n")
        indents = [*map(_indent, lines)]
        return None if _DOUBT in indents else cls(lines, indents)

    def __init__(self, lines: list[str], indents: list[int]) -> None:
        """`indents` are the lines' columns."""
        self._lines = lines
        self._indents = indents
        self._entries: dict[tuple[_Node, str | int], _Entry | None] = {}

    def find(self, path: Path) -> tuple[int, int, int]:
        """Line, first column and end column (from 0) of the value at `path`, or of its deepest ancestor."""
        root = self._below(0, len(self._lines), -1)
        if root is None:
            return 0, 0, 0
        found, node = _Entry(root.line, root.column, self._end(root), root), root
        for number, step in enumerate(path):
            if self._lines[node.line][node.column] in "[{":
                return self._in_brackets(found, node, path[number:])
            entry = self._known_entry(node, step)
            if entry is None:
                break
            found = entry
            if entry.value is None:
                break
            node = entry.value
        return found.line, found.start, found.end

    def _in_brackets(self, found: _Entry, node: _Node, path: Path) -> tuple[int, int, int]:
        words, step = self._words(node), path[0]
        if words and isinstance(step, int):
            return (node.line, *words[step]) if 0 <= step < len(words) else (found.line, found.start, found.end)
        inner = _places_in_brackets(self._lines[node.line][node.column :])
        _, start, end = inner.find(path)
        if (start, end) == inner.find(())[1:]:
            return found.line, found.start, found.end
        return node.line, node.column + start, node.column + end

    def _words(self, node: _Node) -> list[tuple[int, int]]:
        """Where the words of a list on one line stand, such as a command; nothing where it holds anything else."""
        line, position = self._lines[node.line], node.column + 1
        words: list[tuple[int, int]] = []
        while line[node.column] == "[" and (match := _WORD.match(line, position)):
            words.append(match.span("word"))
            position = match.end()
            if match["end"] == "]":
                return words if position == len(line.rstrip()) else []
        return []

    def _known_entry(self, node: _Node, step: str | int) -> _Entry | None:
        # Paths into one document begin alike: to a pod's containers they all go the same way.
        asked = node, step
        if asked not in self._entries:
            self._entries[asked] = self._entry(node, step)
        return self._entries[asked]

    def _entry(self, node: _Node, step: str | int) -> _Entry | None:
        if _item(self._lines[node.line], node.column) is not None:
            return next((each for number, each in enumerate(self._items(node)) if number == step), None)
        lines, indents, column, starts = self._lines, self._indents, node.column, (str(step), "'", '"')
        for line in range(node.line, node.stop):
            if line > node.line and indents[line] < column:
                break
            if (line == node.line or indents[line] == column) and lines[line].startswith(starts, column):
                key, entry = self._keyed(line, self._stop(line, node), column)
                if key == step:
                    return entry
        return None

    def _stop(self, line: int, node: _Node) -> int:
        """The line behind the entry of a mapping that starts on `line`; a list may stand no further right than it."""
        for number in range(line + 1, node.stop):
            indent = self._indents[number]
            if indent < node.column or (indent == node.column and _item(self._lines[number], indent) is None):
                return number
        return node.stop

    def _items(self, node: _Node) -> Iterator[_Entry]:
        for line, stop in self._stretches(node):
            column = _item(self._lines[line], node.column)
            if column is None:
                return
            inner = column < len(self._lines[line]) and self._lines[line][column] != "#"
            value = _Node(line, column, stop) if inner else self._below(line + 1, stop, node.column)
            if value is None:
                yield _Entry(line, node.column + 1, node.column + 1, None)
            else:
                yield _Entry(value.line, value.column, self._end(value), value)

    def _keyed(self, line: int, stop: int, column: int) -> tuple[str, _Entry] | tuple[None, None]:
        key = _key(self._lines[line], column)
        if key is None:
            return None, None
        value = self._value(key, line, stop, column)
        end = self._end(value) if value is not None and value.line == line else key.end
        return key.text, _Entry(line, column, end, value)

    def _value(self, key: _Key, line: int, stop: int, column: int) -> _Node | None:
        if key.value < len(self._lines[line]):
            return _Node(line, key.value, stop)
        return self._below(line + 1, stop, column - 1)

    def _stretches(self, node: _Node) -> Iterator[tuple[int, int]]:
        """The first line of each item of a list, and the line behind its last."""
        start, lines, indents, column = node.line, self._lines, self._indents, node.column
        for line in range(node.line + 1, node.stop):
            if indents[line] > column:
                continue
            yield start, line
            if indents[line] < column or _item(lines[line], column) is None:
                return
            start = line
        yield start, node.stop

    def _below(self, line: int, stop: int, column: int) -> _Node | None:
        """The value that starts on one of these lines, behind `column`."""
        for number in range(line, stop):
            indent = self._indents[number]
            if indent < _NO_CONTENT:
                return _Node(number, indent, stop) if indent > column else None
        return None

    def _end(self, node: _Node) -> int:
        """Where a value ends on its first line; of a block, where its first entry does."""
        if _item(self._lines[node.line], node.column) is not None:
            first = next(self._items(node))
            return first.end if first.line == node.line else len(self._lines[node.line].rstrip())
        _, entry = self._keyed(node.line, node.stop, node.column)
        if entry is not None:
            return entry.end
        scalar = _SCALAR.match(self._lines[node.line], node.column)
        return scalar.end() if scalar else len(self._lines[node.line])


def _spelt(key: str) -> str:
    if key.startswith('"'):
        return str(json.loads(key))
    return key[1:-1].replace("''", "'") if key.startswith("'") else key
