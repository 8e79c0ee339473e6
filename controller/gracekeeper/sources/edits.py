"""Writes a value into a text, or takes one away, and changes nothing else: the smallest edit, tried before it is given.

There are a few ways to write a value down, by the style of what stands around it. Each is tried on the document's text,
which is read again: an edit is right if what is read then is what was meant, to the last value. What none of them can
do, such as a script of several lines, has no edit.
"""

from __future__ import annotations

import json
import marshal
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gracekeeper.sources.readings import Read, Syntax, readings
from gracekeeper_policies.document import ABSENT, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.sources.positions import Locator, Span
    from gracekeeper.sources.readings import Extent
    from gracekeeper_policies.document import Path

_ENTRY: Final = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s:]+)\s*:\s*(?P<value>\S.*)?\Z""")
_NO_REFERENCES: Final = 2  # the last version of marshal that writes a value anew wherever it stands
_MOST_LINES: Final = 12  # of an item that is taken away; what is longer is no small change


@dataclass(frozen=True)
class Edit:
    """Put `text` in the place of a stretch of a file; lines and columns count from 1, the end is behind it."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Passage:
    """The text of one document, and where it stands in its file. What it cannot do, it answers with None."""

    def __init__(self, text: str, extent: Extent, locator: Locator) -> None:
        """`text` is the whole file with bare newlines."""
        self._lines = text[extent.start : extent.end].split("\n")
        self._margin = extent.start - (text.rfind("\n", 0, extent.start) + 1)
        self._first = extent.line + 1
        self._locator = locator
        self._json = extent.syntax is Syntax.JSON
        self._values = _read("\n".join(self._lines))

    def put(self, path: Path, value: object) -> Edit | None:
        """The edit after which `value` stands at `path`, which may lead through mappings that do not exist yet."""
        meant = _copy(self._values)
        if not _put(meant, path, value):
            return None
        return self._first_right(self._ways_to_put(path, value), meant, path)

    def drop(self, path: Path) -> Edit | None:
        """The edit after which nothing stands at `path`."""
        meant = _copy(self._values)
        holder = value_at(meant, path[:-1])
        if not isinstance(holder, dict | list) or value_at(meant, path) is ABSENT:
            return None
        del holder[path[-1]]  # type: ignore[arg-type]
        return self._first_right(self._ways_to_drop(path), meant, path)

    def _first_right(self, edits: Iterator[Edit], meant: object, path: Path) -> Edit | None:
        return next((edit for edit in edits if _same(_read(self._after(edit)), meant, path)), None)

    def _after(self, edit: Edit) -> str:
        before = [
            *self._lines[: edit.line - self._first],
            self._line(edit.line)[: self._offset(edit.line, edit.column)],
        ]
        rest = self._line(edit.end_line)[self._offset(edit.end_line, edit.end_column) :]
        behind = [rest, *self._lines[edit.end_line - self._first + 1 :]]
        return "\n".join(before) + edit.text + "\n".join(behind)

    def _line(self, line: int) -> str:
        number = line - self._first
        return self._lines[number] if 0 <= number < len(self._lines) else ""

    def _offset(self, line: int, column: int) -> int:
        return column - 1 - (self._margin if line == self._first else 0)

    def _ways_to_put(self, path: Path, value: object) -> Iterator[Edit]:
        if value_at(self._values, path) is not ABSENT:
            yield from self._instead(path, value)
            return
        length = next(
            number for number in range(len(path), -1, -1) if value_at(self._values, path[:number]) is not ABSENT
        )
        holder, (key, *below) = value_at(self._values, path[:length]), path[length:]
        nested = _nested(below, value)
        if isinstance(holder, dict) and holder:
            yield from self._beside(path[:length], holder, str(key), nested)
        elif not holder and length:
            yield from self._instead(path[:length], {str(key): nested})

    def _instead(self, path: Path, value: object) -> Iterator[Edit]:
        """A value in the place of another one that ends on its first line."""
        span = self._locator.find(path)
        entry = self._line(span.line)[self._offset(span.line, span.column) : self._offset(span.line, span.end_column)]
        found = _ENTRY.match(entry) if isinstance(path[-1], str) else None
        if found is not None and found["value"] is None:
            yield from (_edit(span.line, span.end_column, span.end_column, f" {text}") for text in self._spelled(value))
            return
        start = span.column + (found.start("value") if found else 0)
        yield from (_edit(span.line, start, span.end_column, text) for text in self._spelled(value))

    def _beside(self, path: Path, holder: dict[str, object], key: str, value: object) -> Iterator[Edit]:
        """A new entry: below the last plain one on a line of its own, above the first, or between braces."""
        first = self._locator.find((*path, next(iter(holder))))
        indent = " " * (first.column - 1)
        in_braces = self._json or self._in_braces(path, first)
        plain = [name for name, held in holder.items() if not isinstance(held, dict | list)]
        for name in reversed([] if in_braces else plain):
            line = self._locator.find((*path, name)).line
            end = len(self._line(line)) + 1 + (self._margin if line == self._first else 0)
            yield from (_edit(line, end, end, f"\n{indent}{text}") for text in _as_block(key, value, indent))
        above = [] if in_braces else _as_block(key, value, indent)
        yield from (_edit(first.line, first.column, first.column, f"{text}\n{indent}") for text in above)
        for text in self._spelled({key: value}):
            yield _edit(first.line, first.column, first.column, f"{text[1:-1]}, ")

    def _in_braces(self, path: Path, first: Span) -> bool:
        """Whether a mapping begins and ends on one line, where no line of its own can be right for a new entry."""
        span = self._locator.find(path)
        line = self._line(span.line)
        before, end = self._offset(first.line, first.column) - 1, self._offset(span.line, span.end_column) - 1
        return span.line == first.line and line[before : before + 1] == "{" and line[end : end + 1] == "}"

    def _spelled(self, value: object) -> tuple[str, ...]:
        return _spelled(value)[-1:] if self._json else _spelled(value)

    def _ways_to_drop(self, path: Path) -> Iterator[Edit]:
        span = self._locator.find(path)
        for lines in range(1, _MOST_LINES + 1):
            yield Edit(span.line, 1, span.line + lines, 1, "")
        yield from self._between_commas(span)

    def _between_commas(self, span: Span) -> Iterator[Edit]:
        line = self._line(span.line)
        start, end = self._offset(span.line, span.column), self._offset(span.line, span.end_column)
        behind, before = re.match(r"\s*,\s*", line[end:]), re.search(r"\s*,\s*\Z", line[:start])
        if behind:
            yield _edit(span.line, span.column, span.end_column + behind.end(), "")
        if before:
            yield _edit(span.line, span.column - len(before[0]), span.end_column, "")


def _edit(line: int, column: int, end_column: int, text: str) -> Edit:
    return Edit(line, column, line, end_column, text)


def _read(text: str) -> Any:  # noqa: ANN401 - whatever a document holds
    found = list(readings(text))
    return found[0].values if len(found) == 1 and isinstance(found[0], Read) else ABSENT


def _copy(values: Any) -> Any:  # noqa: ANN401 - the same
    # Unlike `copy`, this makes two of what an anchor and its alias share: one must not change with the other.
    return marshal.loads(_bytes(values)) if values is not ABSENT else ABSENT  # noqa: S302 - what was just written


def _same(read: object, meant: object, path: Path) -> bool:
    """Whether values are equal and of the same types, where their order may differ on the way to `path` alone."""
    # Python takes 1, 1.0 and true for the same, Kubernetes does not.
    return read == meant and _alike(read, meant, path)


def _alike(one: Any, other: Any, path: Path) -> bool:  # noqa: ANN401 - the same
    if not path or not isinstance(one, dict | list):
        return _bytes(one) == _bytes(other)
    step, *below = path
    keys = one.keys() if isinstance(one, dict) else range(len(one))
    return all(_alike(one[key], other[key], tuple(below) if key == step else ()) for key in keys)


def _bytes(values: Any) -> bytes:  # noqa: ANN401 - the same
    return marshal.dumps(values, _NO_REFERENCES)


def _put(values: Any, path: Path, value: object) -> bool:  # noqa: ANN401 - the same
    """Put a value into others, making mappings on the way; False where something else stands there."""
    *way, last = path
    for step in way:
        inside = value_at(values, (step,))
        if inside is ABSENT or inside is None:
            if not isinstance(values, dict) or not isinstance(step, str):
                return False
            inside = values[step] = {}
        values = inside
    fits = isinstance(values, dict) if isinstance(last, str) else value_at(values, (last,)) is not ABSENT
    if fits:
        values[last] = value
    return fits


def _nested(keys: list[str | int], value: object) -> object:
    for key in reversed(keys):
        value = {str(key): value}
    return value


def _spelled(value: object) -> tuple[str, str]:
    """A value on one line: without quotes, and with those that JSON asks for."""
    return _plain(value), json.dumps(value, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_plain(held)}' for key, held in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def _as_block(key: str, value: object, indent: str) -> Iterator[str]:
    """An entry over as many lines as it is deep."""
    if isinstance(value, dict):
        [(below, held)] = value.items()
        yield from (f"{key}:\n{indent}  {text}" for text in _as_block(below, held, f"{indent}  "))
    else:
        yield from (f"{key}: {text}" for text in _spelled(value))
