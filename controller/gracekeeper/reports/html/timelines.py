"""Places a picture of a start or a stop on a page: seconds become percentages of its width, each row has its height."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.drawing import Scale
from gracekeeper.reports.picture import Bar, Cut, Dots, Moment
from gracekeeper.reports.style import Mark
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from gracekeeper.reports.picture import Picture, Row

_AXIS, _ROW = 24, 34  # pixels of height
_ROOM: Final = 72  # how many characters of the axis' numbers a narrow picture has room for
_EDGE: Final = 100.0
_WIDTH: Final = 98.0  # per cent that the last second gets; what has no end goes on to the edge
_LETTERS: Final = 70  # what a narrow picture has room for in one row of names
_CLASSES: Final = {Mark.CUT: "cut", Mark.WARNING: "warn", Mark.SPARE: "spare", Mark.FAINT: "faint", None: "plain"}
_SIGNS: Final = {"▼": "signal", "✖": "kill", "├": "begin"}


@dataclass(frozen=True)
class Label:
    """A name over a row; `end` where it stands to the left of its place, since to the right there is no room."""

    x: str
    text: str
    end: bool


@dataclass(frozen=True)
class Shape:
    """A row: a bar from `x` over `width`, or a sign at `x` with no width; `kind` and `tone` say how it looks."""

    kind: str
    tone: str
    x: str
    width: str
    y: int
    label: Label


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture with its sizes; `told` says the same in words, `at_once` whether a finding is about it."""

    title: str
    at_once: bool
    told: str
    height: int
    ticks: tuple[tuple[str, str], ...]
    shapes: tuple[Shape, ...]


@lru_cache(maxsize=1 << 10)  # workloads of one organisation start and stop alike
def drawn(title: str, picture: Picture, *, at_once: bool) -> Drawn:
    """Place a picture."""
    axis = _Axis(Scale.fitting(max(picture.seconds, 1.0), _ROOM))
    shapes = tuple(shape for number, row in enumerate(picture.rows) for shape in axis.shapes(row, number))
    told = " ".join(map(_told, picture.rows))
    return Drawn(title, at_once, told, _AXIS + _ROW * len(picture.rows), axis.ticks(), shapes)


@dataclass(frozen=True)
class _Axis:
    scale: Scale

    def ticks(self) -> tuple[tuple[str, str], ...]:
        moments = range(0, int(self.scale.seconds) + 1, self.scale.step)
        return tuple((_percent(self.at(moment)), f"{moment}" if moment else "0 s") for moment in moments)

    def at(self, seconds: float) -> float:
        return min(seconds / self.scale.seconds * _WIDTH, _EDGE)

    def shapes(self, row: Row, number: int) -> tuple[Shape, ...]:
        y = _AXIS + _ROW * number
        match row:
            case Bar():
                tone = _CLASSES[row.mark]
                bar = self._bar("bar", tone, row.start, row.end, y, row.label)
                return (bar, self._sign("on", tone, row.end, y, "")) if row.open_end else (bar,)
            case Dots():
                return (self._bar("dots", "faint", row.start, row.end, y, row.label),)
            case Moment():
                return (self._sign(_SIGNS[row.sign], _CLASSES[row.mark], row.seconds, y, row.label),)
            case Cut():
                label = f"{row.label}: {row.work}"
                lost = self._bar("dots", "cut", row.seconds, row.end, y, "")
                return (lost, self._sign("kill", "cut", row.seconds, y, label))

    def _bar(self, kind: str, tone: str, start: float, end: float, y: int, text: str) -> Shape:
        first, last = self.at(start), self.at(end)
        return Shape(kind, tone, _percent(first), _percent(max(last - first, 0.3)), y, _label(first, last, text))

    def _sign(self, kind: str, tone: str, seconds: float, y: int, text: str) -> Shape:
        x = self.at(seconds)
        return Shape(kind, tone, _percent(x), "", y, _label(x, x, text))


def _label(first: float, last: float, text: str) -> Label:
    """A name from the start of its row on; up to its end where it would not fit."""
    end = first + len(text) / _LETTERS * _EDGE > _EDGE and last >= _WIDTH / 2
    return Label(_percent(last if end else first), text, end)


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _told(row: Row) -> str:
    match row:
        case Bar(open_end=True):
            return f"From {format_seconds(row.start)} s on: {row.label}."
        case Bar() | Dots():
            return f"From {format_seconds(row.start)} s to {format_seconds(row.end)} s: {row.label}."
        case Moment():
            return f"At {format_seconds(row.seconds)} s: {row.label}."
        case Cut():
            return f"At {format_seconds(row.seconds)} s: {row.label}, {row.work}."
