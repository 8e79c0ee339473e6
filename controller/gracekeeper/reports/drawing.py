"""Draws seconds as columns: an axis, bars and marks on it, one row of text each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.picture import Bar, Cut, Dots, Moment
from gracekeeper.reports.style import Mark, columns, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper.reports.picture import Picture, Row
    from gracekeeper.reports.style import Style

_STEPS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)
_NARROWEST, _BEST = 8, 12  # columns between two numbers of the axis
_LEAST: Final = 2 * _NARROWEST  # columns of a whole picture


@dataclass(frozen=True)
class Piece:
    """A text in a row, from a column on."""

    column: int
    text: str
    mark: Mark | None = None

    @property
    def end(self) -> int:
        """The column behind it."""
        return self.column + columns(self.text)


@dataclass(frozen=True)
class Scale:
    """How `seconds` become columns: a number every `step` seconds and `tick` columns. A row has `room` columns."""

    seconds: float
    step: int
    tick: int
    room: int

    @classmethod
    def fitting(cls, seconds: float, room: int, behind: str = "") -> Scale:
        """The scale that shows this many seconds in a row of `room` columns, with a text behind the last one."""
        seconds = max(seconds, 1.0)
        free = max(room - columns(behind) - _NARROWEST // 2, _LEAST)
        step = next((step for step in _STEPS if free * step >= _NARROWEST * seconds), _STEPS[-1])
        return cls(seconds, step, min(max(int(free * step / seconds), 1), _BEST), room)

    @property
    def horizon(self) -> float:
        """The last moment that a row has room for."""
        return (self.room - 1) * self.step / self.tick

    def column(self, seconds: float) -> int:
        """Where a moment stands."""
        return round(seconds * self.tick / self.step)

    def axis(self) -> list[Piece]:
        """The numbers above the picture, the first of them with the unit."""
        moments = range(0, int(self.seconds) + 1, self.step)
        return [Piece(self.column(moment), f"{moment}" if moment else "0s") for moment in moments]

    def bar(
        self, start: float, end: float, label: str, mark: Mark | None = None, *, open_end: bool = False
    ) -> list[Piece]:
        """A stretch of time with its name inside, or beside it where it is too short; `open_end` makes it an arrow."""
        first, last = self.column(start), self.column(end)
        inside = last - first - 1
        tip = "→" if open_end else "┤"
        if inside >= len(label) + 2:
            return [
                Piece(
                    first,
                    f"├{f'──{label}' if inside > len(label) + 2 else f'─{label}'}".ljust(last - first, "─") + tip,
                    mark,
                )
            ]
        bare = "├" + "─" * inside + tip if last > first else "│"
        return self._named(Piece(first, bare, mark), label)

    def moment(self, seconds: float, sign: str, label: str, mark: Mark | None = None) -> list[Piece]:
        """A sign at one moment with its name behind it, or before it where the row ends too soon."""
        return self._named(Piece(self.column(seconds), sign, mark), label)

    def rows(self, picture: Picture) -> Iterator[list[Piece]]:
        """The axis, and below it what the picture shows, as far as there is room."""
        yield self.axis()
        yield from filter(None, map(self._pieces, picture.rows))

    def _pieces(self, row: Row) -> list[Piece]:
        match row:
            case Bar(open_end=True):
                return self.bar(row.start, min(row.end, self.horizon), row.label, row.mark, open_end=True)
            case Bar():
                return self.bar(row.start, row.end, row.label, row.mark)
            case Moment():
                return self.moment(row.seconds, row.sign, row.label, row.mark)
            case Cut():
                return self._cut(row)
            case Dots():
                room = self.column(row.end) - self.column(row.start)
                label = f" {row.label} "
                dots = Piece(self.column(row.start), label.center(room, "·"), Mark.FAINT)
                return [dots] if room > len(label) else []

    def _cut(self, row: Cut) -> list[Piece]:
        work = f" {row.work} "
        dots = self.column(row.end) - self.column(row.seconds) - len(row.label) - 2
        if dots < len(work) + 2:
            return self.moment(row.seconds, "✖", f"{row.label}: {row.work}", Mark.CUT)
        return [Piece(self.column(row.seconds), f"✖ {row.label} {work.center(dots, '·')}", Mark.CUT)]

    def _named(self, piece: Piece, label: str) -> list[Piece]:
        behind, before = self.room - piece.end - 1, piece.column - 1
        if columns(label) <= behind or behind >= before:
            return [Piece(piece.column, f"{piece.text} {shorten(label, behind)}", piece.mark)]
        label = shorten(label, before)
        return [Piece(before - columns(label), f"{label} {piece.text}", piece.mark)]


def row(pieces: Iterable[Piece], indent: str, style: Style) -> str:
    """Set pieces into one line of text, each in its column, or behind the one before it where they would overlap."""
    text = indent
    for piece in pieces:
        gap = len(indent) + piece.column - columns(text)
        text += " " * (max(gap, 1) if text != indent else gap) + style.paint(piece.text, piece.mark)
    return text
