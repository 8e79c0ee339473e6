"""Draws what happens when a container is told to stop: pre-stop, signal, drain and SIGKILL, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.drawing import Scale, row
from gracekeeper.reports.fate import Fate, fate, kill_text, signal_text, work_of
from gracekeeper.reports.picture import Bar, Cut, Dots, Moment, Picture
from gracekeeper.reports.style import Mark, one_line
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.provenance import Known
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.reports.picture import Row
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.timeline import Stop, Timeline

_BEYOND: Final = 1.25  # how far what has no end is drawn beyond SIGKILL
_MARKS: Final = {Fate.FINISHES: Mark.SPARE, Fate.UNBOUNDED: Mark.WARNING, Fate.GOES_ON: Mark.CUT}


def shutdown(timeline: Timeline, style: Style, indent: str = "", at: Path = ()) -> list[str]:
    """Draw how a container stops: the way that `at` decides, else the one in which its pod is told to stop."""
    stop = next((stop for stop in timeline.stops if stop.path == at), timeline.stop)
    scale = scale_of(timeline, stop, style.width - len(indent))
    return [row(pieces, indent, style) for pieces in scale.rows(stopping(timeline, stop))]


def stopping(timeline: Timeline, stop: Stop) -> Picture:
    """Show one way in which a container stops."""
    return Picture(max(stop.killed, stop.drained or 0.0), tuple(_Stopping(timeline, stop).rows()))


def scale_of(timeline: Timeline, stop: Stop, room: int, least: float = 0.0) -> Scale:
    """How the seconds of one way of stopping, and at least so many, become columns in rows of `room`."""
    seconds, last = max(stopping(timeline, stop).seconds, least), f"✖ {_Stopping(timeline, stop).last_words}"
    scale = Scale.fitting(seconds, room)
    fits = scale.column(stop.killed) + len(last) <= room
    return scale if fits else Scale.fitting(seconds, room, last)


@dataclass(frozen=True)
class _Stopping:
    timeline: Timeline
    stop: Stop

    @cached_property
    def fate(self) -> Fate:
        return fate(self.timeline, self.stop)

    @property
    def last_words(self) -> str:
        kill = kill_text(self.timeline, self.stop)
        return f"{kill}: {self._cut_text}" if self._cut_text else kill

    @property
    def _cut_text(self) -> str:
        cut = (self.stop.drained or 0.0) - self.stop.killed
        return f"{format_seconds(cut)} s of work cut" if cut > 0 else ""

    def rows(self) -> Iterator[Row]:
        yield from self._before()
        yield from self._others()
        yield Moment(self._heard, "▼", signal_text(self.timeline.process))
        yield from self._after()
        yield from self._kill()

    def _before(self) -> Iterator[Row]:
        pre_stop, stop = self.timeline.pre_stop, self.stop
        delay = format_seconds(pre_stop.seconds)
        if pre_stop.unknown:
            yield Moment(0, "├", f"pre-stop, {delay} or more: {one_line(pre_stop.unknown)}")
        elif pre_stop.seconds > stop.grace:
            yield Bar(0, stop.grace, f"pre-stop {delay}, ended at {stop.grace}", Mark.CUT)
        elif pre_stop.seconds:
            yield Bar(0, pre_stop.seconds, f"pre-stop {delay}")
        if min(pre_stop.seconds, stop.grace) < stop.signalled:
            yield Bar(0, stop.signalled, f"the main containers stop, up to {format_seconds(stop.signalled)}")

    @property
    def _heard(self) -> float:
        return self.stop.signalled + self.timeline.turn.seconds

    def _others(self) -> Iterator[Row]:
        turn = self.timeline.turn
        if turn.seconds:
            stop = "stops" if len(turn.names) == 1 else "stop"
            label = f"{' and '.join(map(one_line, turn.names))} {stop} first, up to {format_seconds(turn.seconds)}"
            yield Bar(self.stop.signalled, self._heard, label)

    def _after(self) -> Iterator[Row]:
        stop, process = self.stop, self.timeline.process
        match self.fate:
            case Fate.FINISHES:
                yield Bar(self._heard, stop.drained or 0.0, self._finishing)
            case Fate.UNBOUNDED:
                label = f"finishes {work_of(process)}, without limit"
                yield Bar(self._heard, stop.killed * _BEYOND, label, Mark.WARNING, open_end=True)
            case Fate.GOES_ON:
                yield Dots(stop.signalled, stop.killed, "goes on as if nothing had happened")
            case Fate.UNKNOWN:
                yield Dots(stop.signalled, stop.killed, self._untold)

    @property
    def _untold(self) -> str:
        heard = self.timeline.process.delivery.outcome is Outcome.HEARD
        return "its own code decides" if heard else "what it does is not known"

    @property
    def _finishing(self) -> str:
        drain = self.timeline.process.shutdown.drain
        limit = format_seconds((self.stop.drained or 0.0) - self._heard)
        declared = isinstance(drain, Known) and drain.source.startswith("annotation")
        return (
            f"stops within {limit}, as declared"
            if declared
            else f"finishes {work_of(self.timeline.process)}, up to {limit}"
        )

    def _kill(self) -> Iterator[Row]:
        stop, kill = self.stop, kill_text(self.timeline, self.stop)
        if self._cut_text:
            yield Cut(stop.killed, stop.drained or 0.0, kill, self._cut_text)
        elif self.fate is not Fate.OVER:
            mark = Mark.WARNING if stop.drained == stop.killed else _MARKS.get(self.fate)
            yield Moment(stop.killed, "✖", kill, mark)
