"""Draws how a container starts: what it needs before it can answer, and when a probe gives up on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper.reports.drawing import Scale, row
from gracekeeper.reports.picture import Bar, Moment, Picture
from gracekeeper.reports.style import Mark
from gracekeeper_policies.quantity import format_seconds as s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.reports.picture import Row
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.window import Window

_SHORTEST: Final = 0.1  # the least that the picture writes of a start


def startup(timeline: Timeline, style: Style, indent: str = "") -> list[str]:
    """Draw a container's start; nothing where neither a limit nor a declared length gives it a measure."""
    picture = starting(timeline)
    if picture is None:
        return []
    given_up = f"✖ {_given_up(timeline.window)}" if timeline.window else ""
    scale = Scale.fitting(picture.seconds, style.width - len(indent), given_up)
    return [row(pieces, indent, style) for pieces in scale.rows(picture)]


def starting(timeline: Timeline) -> Picture | None:
    """Show a container's start; None where neither a limit nor a declared length gives it a measure."""
    window, ready = timeline.window, _ready(timeline)
    if window is None and timeline.declared_start is None:
        return None
    return Picture(max(window.earliest if window else 0.0, ready or 0.0), tuple(_rows(timeline, window)))


def _ready(timeline: Timeline) -> float | None:
    declared = timeline.declared_start
    return declared.value if declared is not None else timeline.cold_start


def _rows(timeline: Timeline, window: Window | None) -> Iterator[Row]:
    ready = _ready(timeline)
    if ready is not None:
        declared = timeline.declared_start is not None
        label = f"starts, {s(ready)} as declared" if declared else f"starts: {s(max(ready, _SHORTEST))} even if empty"
        yield Bar(0, ready, label)
    if window is not None:
        yield Bar(0, window.earliest, f"its {window.probe} probe waits")
        yield Moment(window.earliest, "✖", _given_up(window), _mark(ready, window))


def _given_up(window: Window) -> str:
    at = f"at {s(window.earliest)}"
    if window.latest > window.earliest:
        at = f"between {s(window.earliest)} and {s(window.latest)}"
    return f"restarted {at} without an answer"


def _mark(ready: float | None, window: Window) -> Mark | None:
    if ready is None:
        return None
    return Mark.CUT if ready > window.earliest else Mark.SPARE
