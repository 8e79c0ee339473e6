"""Draws what happens when a container is told to stop: pre-stop, signal, drain and SIGKILL, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.drawing import Piece, Scale, row
from gracekeeper.reports.fate import Fate, fate, kill_text, signal_text, work_of
from gracekeeper.reports.style import Mark, one_line
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.provenance import Known
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.reports.style import Style
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.timeline import Stop, Timeline

_BEYOND: Final = 1.25  # how far what has no end is drawn beyond SIGKILL
_MARKS: Final = {Fate.FINISHES: Mark.SPARE, Fate.UNBOUNDED: Mark.WARNING, Fate.GOES_ON: Mark.CUT}


def shutdown(timeline: Timeline, style: Style, indent: str = "", at: Path = ()) -> list[str]:
    """Draw how a container stops: the way that `at` decides, else the one in which its pod is told to stop."""
    stop = next((stop for stop in timeline.stops if stop.path == at), timeline.stop)
    picture = _Picture(timeline, stop, style.width - len(indent))
    return [row(pieces, indent, style) for pieces in picture.rows()]


@dataclass(frozen=True)
class _Picture:
    timeline: Timeline
    stop: Stop
    room: int

    @cached_property
    def fate(self) -> Fate:
        return fate(self.timeline, self.stop)

    @cached_property
    def scale(self) -> Scale:
        killed, drained = self.stop.killed, self.stop.drained or 0.0
        last = f"✖ {kill_text(self.timeline, self.stop)}{self._cut_text}"
        scale = Scale.fitting(max(killed, drained), self.room)
        fits = scale.column(killed) + len(last) <= self.room
        return scale if fits else Scale.fitting(max(killed, drained), self.room, last)

    @property
    def _cut_text(self) -> str:
        cut = (self.stop.drained or 0.0) - self.stop.killed
        return f": {format_seconds(cut)} s of work cut" if cut > 0 else ""

    def rows(self) -> Iterator[list[Piece]]:
        yield self.scale.axis()
        yield from self._before()
        yield self.scale.moment(self.stop.signalled, "▼", signal_text(self.timeline.process))
        yield from self._after()
        yield from self._kill()

    def _before(self) -> Iterator[list[Piece]]:
        pre_stop, stop = self.timeline.pre_stop, self.stop
        delay = format_seconds(pre_stop.seconds)
        if pre_stop.unknown:
            yield self.scale.moment(0, "├", f"pre-stop, {delay} or more: {one_line(pre_stop.unknown)}")
        elif pre_stop.seconds > stop.grace:
            yield self.scale.bar(0, stop.grace, f"pre-stop {delay}, ended at {stop.grace}", Mark.CUT)
        elif pre_stop.seconds:
            yield self.scale.bar(0, pre_stop.seconds, f"pre-stop {delay}")
        if min(pre_stop.seconds, stop.grace) < stop.signalled:
            yield self.scale.bar(0, stop.signalled, f"the main containers stop, up to {format_seconds(stop.signalled)}")

    def _after(self) -> Iterator[list[Piece]]:
        stop, process = self.stop, self.timeline.process
        match self.fate:
            case Fate.FINISHES:
                yield self.scale.bar(stop.signalled, stop.drained or 0.0, self._finishing)
            case Fate.UNBOUNDED:
                label = f"finishes {work_of(process)}, without limit"
                yield self.scale.bar(
                    stop.signalled, min(stop.killed * _BEYOND, self.scale.horizon), label, Mark.WARNING, open_end=True
                )
            case Fate.GOES_ON:
                yield from self._dots(" goes on as if nothing had happened ")
            case Fate.UNKNOWN:
                yield from self._dots(self._untold)

    @property
    def _untold(self) -> str:
        heard = self.timeline.process.delivery.outcome is Outcome.HEARD
        return " its own code decides " if heard else " what it does is not known "

    @property
    def _finishing(self) -> str:
        drain = self.timeline.process.drain
        limit = format_seconds((self.stop.drained or 0.0) - self.stop.signalled)
        declared = isinstance(drain, Known) and drain.source.startswith("annotation")
        return (
            f"stops within {limit}, as declared"
            if declared
            else f"finishes {work_of(self.timeline.process)}, up to {limit}"
        )

    def _kill(self) -> Iterator[list[Piece]]:
        if self._cut_text:
            yield self._cut(self.stop.drained or 0.0)
        elif self.fate is not Fate.OVER:
            mark = Mark.WARNING if self.stop.drained == self.stop.killed else _MARKS.get(self.fate)
            yield self.scale.moment(self.stop.killed, "✖", kill_text(self.timeline, self.stop), mark)

    def _cut(self, drained: float) -> list[Piece]:
        kill = kill_text(self.timeline, self.stop)
        cut = self._cut_text.replace(":", "") + " "
        dots = self.scale.column(drained) - self.scale.column(self.stop.killed) - len(kill) - 2
        if dots < len(cut) + 2:
            return self.scale.moment(self.stop.killed, "✖", f"{kill}{self._cut_text}", Mark.CUT)
        return [Piece(self.scale.column(self.stop.killed), f"✖ {kill} {cut.center(dots, '·')}", Mark.CUT)]

    def _dots(self, label: str) -> Iterator[list[Piece]]:
        first, last = self.scale.column(self.stop.signalled), self.scale.column(self.stop.killed)
        if last - first > len(label):
            yield [Piece(first, label.center(last - first, "·"), Mark.FAINT)]
