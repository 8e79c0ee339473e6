"""Where values stand in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.json_documents import skip_space
from gracekeeper.sources.stretches import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.document import Path

_DECODER: Final = json.JSONDecoder()


class JSONPlaces:
    """One JSON value. Values on the way are skipped by decoding them, which C does faster than any walk could."""

    def __init__(self, text: str) -> None:
        """`text` has been read before: it is JSON."""
        self._text = text

    def find(self, path: Path) -> tuple[int, int, int]:
        """Line, first column and end column (from 0) of the value at `path`, or of its deepest ancestor."""
        start = value = skip_space(self._text, 0)
        for step in path:
            found = self._entry(value, step)
            if found is None:
                break
            start, value = found
        return on_one_line(self._text, start, _DECODER.raw_decode(self._text, value)[1])

    def _entry(self, position: int, step: str | int) -> tuple[int, int] | None:
        """Where the entry starts, and where its value does."""
        entries = self._items(position) if isinstance(step, int) else self._members(position)
        return next(((start, value) for name, start, value in entries if name == step), None)

    def _items(self, position: int) -> Iterator[tuple[int, int, int]]:
        """Number, start and start again of each item of the list that opens at `position`."""
        number = 0
        while (start := self._next(position, "[", "]")) is not None:
            yield number, start, start
            position = _DECODER.raw_decode(self._text, start)[1]
            number += 1

    def _members(self, position: int) -> Iterator[tuple[str, int, int]]:
        """Key, its start and the value's start of each entry of the object that opens at `position`."""
        while (start := self._next(position, "{", "}")) is not None:
            key, end = _DECODER.raw_decode(self._text, start)
            value = skip_space(self._text, skip_space(self._text, end) + 1)
            yield key, start, value
            position = _DECODER.raw_decode(self._text, value)[1]

    def _next(self, position: int, opening: str, closing: str) -> int | None:
        """Step over the bracket or comma at or behind `position`; None where the container closes or is none."""
        position = skip_space(self._text, position)
        if self._text[position] not in {opening, ","}:
            return None
        start = skip_space(self._text, position + 1)
        return None if self._text[start] == closing else start
