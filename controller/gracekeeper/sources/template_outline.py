"""What a template's text says of its fields without being rendered: the way to each, as its indentation shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from gracekeeper_policies.document import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gracekeeper_policies.document import Path

_ACTION: Final = re.compile(r"\{\{.*\}\}\Z")
_KEY: Final = re.compile(r"""["']?(?P<key>[\w./-]+)["']?\s*:(?:\s+(?P<rest>\S.*))?\Z""")
_ITEM: Final = re.compile(r"-\s+(?=\S)")


class Line(NamedTuple):
    """A line with a field or an item of a list: the way to it, what stands behind its key, and all of it."""

    number: int
    way: Path
    rest: str
    text: str


class Outline:
    """A part of a template; lines that are nothing but actions lead nowhere."""

    def __init__(self, lines: Sequence[str], within: Iterable[int]) -> None:
        """`within` are the part's lines, from 0."""
        self._texts = {number: text for number in within if (text := lines[number].strip()) and text[0] != "#"}
        self._lines = _read(lines, [number for number, text in self._texts.items() if not _ACTION.match(text)])

    def at(self, path: Path, values: object) -> list[Line]:
        """The lines that may write the field at `path` of the object that was made of this, which holds `values`."""
        way = self._way(path, values)
        return [line for line in self._lines if line.way == way] if way else []

    def items(self, path: Path, values: object) -> list[Line]:
        """The items of the list at `path`."""
        way = self._way(path, values)
        return [line for line in self._lines if way and line.way[:-1] == way and isinstance(line.way[-1], int)]

    def has_below(self, line: Line) -> bool:
        """Whether fields stand below one."""
        length = len(line.way)
        return any(other.way[:length] == line.way and len(other.way) > length for other in self._lines)

    def around(self, line: Line) -> tuple[str, str]:
        """The texts of the lines before and behind one, whatever they are."""
        numbers = list(self._texts)
        at = numbers.index(line.number)
        return self._text(numbers[at - 1 : at]), self._text(numbers[at + 1 : at + 2])

    def _text(self, numbers: Sequence[int]) -> str:
        return self._texts[numbers[0]] if numbers else ""

    def _way(self, path: Path, values: object) -> Path | None:
        """The same path in the template, where its lists have other lengths; None where an item cannot be told."""
        way: Path = ()
        for length, step in enumerate(path):
            number = self._number(way, value_at(values, path[:length]), step) if isinstance(step, int) else step
            if number is None:
                return None
            way = (*way, number)
        return way

    def _number(self, way: Path, held: object, number: int) -> int | None:
        """Which item of a list is the one that became `held[number]`: the only one, or that of its name."""
        if not isinstance(held, list):
            return None
        length = len(way)
        numbers = {line.way[length] for line in self._lines if line.way[:length] == way and len(line.way) > length}
        if len(held) == 1 and numbers == {0}:
            return 0
        item = held[number] if number < len(held) else None
        name = item.get("name") if isinstance(item, dict) else None
        named = [line.way[length] for line in self._lines if self._names(line, way, name)]
        return named[0] if len(named) == 1 and isinstance(named[0], int) else None

    def _names(self, line: Line, way: Path, name: object) -> bool:
        length = len(way)
        is_name = line.way[:length] == way and len(line.way) == length + 2 and line.way[-1] == "name"
        return is_name and line.rest.strip("\"'") == name


def _read(texts: Sequence[str], numbers: Iterable[int]) -> list[Line]:
    open_: list[tuple[int, str | int]] = []  # the columns and steps that lead to the line at hand
    lines = []
    for number in numbers:
        text, bare = texts[number], texts[number].strip()
        column = len(text) - len(text.lstrip())
        while dash := _ITEM.match(text, column):
            before = _closed(open_, column, item=True)
            open_.append((column, before + 1))
            column = dash.end()
        key = _KEY.match(text.rstrip(), column)
        if key:
            _closed(open_, column, item=False)
            open_.append((column, key["key"]))
        if key or bare.startswith("- "):
            lines.append(Line(number, tuple(step for _, step in open_), (key["rest"] or "") if key else "", bare))
    return lines


def _closed(open_: list[tuple[int, str | int]], column: int, *, item: bool) -> int:
    """End what stands no further left than a new line; gives the number of the item before it, -1 where it is first."""
    last = -1
    while open_ and open_[-1][0] >= column:
        at, step = open_[-1]
        # A list may stand as far left as its key.
        if item and at == column and isinstance(step, str):
            break
        open_.pop()
        last = step if at == column and isinstance(step, int) else -1
    return last
