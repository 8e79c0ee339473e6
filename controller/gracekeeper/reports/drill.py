"""The report of a drill: the predicted shutdown and the observed one, as two pictures on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper.reports.drawing import row
from gracekeeper.reports.drill_verdict import (
    closing,
    compared,
    differences,
    happened,
    is_ended,
    passive,
    seconds,
    signal_name,
)
from gracekeeper.reports.picture import Bar, Moment, Picture
from gracekeeper.reports.shutdown import scale_of, stopping
from gracekeeper.reports.style import Mark, one_line, shorten, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.drill.observed import InFlight, Observed
    from gracekeeper.drill.plan import Plan
    from gracekeeper.reports.drawing import Piece
    from gracekeeper.reports.picture import Row
    from gracekeeper.reports.style import Style

_LABEL: Final = 13
_CLIENT_ERRORS: Final = range(400, 500)


def drill_text(plan: Plan, observed: Observed, style: Style) -> str:
    """Tell how a container stopped, beside how it was predicted to stop."""
    elision = plan.timeline.container.workload.elision
    return style.finish("\n".join((*map(elision, _lines(plan, observed, style)), "")))


def _lines(plan: Plan, observed: Observed, style: Style) -> Iterator[str]:
    yield from _head(plan, observed, style)
    scale = scale_of(plan.timeline, plan.stop, style.width - _LABEL, observed.ended)
    yield row(scale.axis(), " " * _LABEL, style)
    for label, picture in (("predicted", stopping(plan.timeline, plan.stop)), ("observed", stopped(plan, observed))):
        _, *rows = scale.rows(picture)
        yield from _labelled(label, rows, style)
    yield ""
    for label, text in details(plan, observed).items():
        yield from style.wrap(text, label.ljust(_LABEL), " " * _LABEL)
    found = differences(plan, observed)
    yield from style.wrap(style.paint(happened(plan, observed), Mark.CUT if observed.loses else Mark.SPARE))
    yield from style.wrap(style.paint(compared(plan, observed, found), Mark.WARNING if found else None))


def details(plan: Plan, observed: Observed) -> dict[str, str]:
    """What no picture shows, by its name."""
    hook = f"the hook fails: {one_line(observed.trouble)}" if observed.trouble else ""
    told = {"pre-stop": hook, "requests": _requests(plan, observed), "newcomers": _newcomers(plan, observed)}
    return {name: text for name, text in told.items() if text}


def beginning(plan: Plan, observed: Observed) -> str:
    """How it began, in a line."""
    ready = f"ready after {seconds(observed.ready or 0.0)} s"
    if observed.ready is None:
        ready = "it has no readiness probe and no port"
    return f"{ready}{f', then asked {plan.concurrency} × {plan.requests}' if plan.requests else ''}"


def _head(plan: Plan, observed: Observed, style: Style) -> Iterator[str]:
    workload, container = plan.timeline.container.workload, plan.timeline.container
    title = f"{one_line(str(workload.identity))} · container {one_line(container.name)}"
    yield spread(style.paint(title, Mark.STRONG), workload.document.origin, style.width)
    yield f"   {shorten(one_line(' '.join(plan.surroundings.words)), style.width - 3)}"
    yield f"   {beginning(plan, observed)}"
    for note in plan.notes:
        yield from style.wrap(f"here: {one_line(note)}", "   ", "         ")
    yield ""


def _labelled(label: str, rows: list[list[Piece]], style: Style) -> Iterator[str]:
    for number, pieces in enumerate(rows):
        indent = (label if number == 0 else "").ljust(_LABEL)
        yield row(pieces, indent, style)


def stopped(plan: Plan, observed: Observed) -> Picture:
    """Show how it stopped, to a tenth of a second."""
    times = ("hook", "signalled", "killed", "ended")
    tenths = {
        name: value if value is None else round(value, 1) for name in times for value in [getattr(observed, name)]
    }
    return Picture(observed.ended, tuple(_rows(plan, replace(observed, **tenths))))


def _rows(plan: Plan, observed: Observed) -> Iterator[Row]:
    if observed.hook is not None:
        ended = ", ended" if is_ended(plan, observed) else ""
        yield Bar(0, observed.hook, f"pre-stop {seconds(observed.hook)}{ended}")
    exits = f"exits with {observed.code} at {seconds(observed.ended)}"
    if observed.signalled is None:
        yield Bar(observed.ended, observed.ended, exits)
        return
    yield Moment(observed.signalled, "▼", signal_name(plan))
    if observed.killed is None:
        yield Bar(observed.signalled, observed.ended, exits, Mark.CUT if observed.cut else Mark.SPARE)
        return
    yield Bar(observed.signalled, observed.killed, f"goes on for {seconds(observed.killed - observed.signalled)}")
    cut = f", {_number(observed.cut)} cut" if observed.cut else ""
    yield Moment(observed.killed, "✖", f"SIGKILL at {seconds(observed.killed)}{cut}", Mark.CUT)


def _requests(plan: Plan, observed: Observed) -> str:
    found = observed.in_flight
    if found is None:
        return "none: it listens on no port that is known"
    parts = [f"{found.accepted} in flight at {signal_name(plan)}: {found.finished} finished, {found.cut} cut"]
    if not found.accepted:
        answers = f"after {found.answered} answers; --request PATH asks for one that takes longer"
        parts = [f"none in flight at {signal_name(plan)}, {answers}"]
    if found.queued:
        parts.append(f"{found.queued} in the listen queue: {found.served} served, {found.lost} lost")
    if found.turned_away:
        parts.append(f"{found.turned_away} refused before {signal_name(plan)}")
    return "; ".join((*parts, *_statuses(found)))


def _statuses(found: InFlight) -> Iterator[str]:
    odd = [status for status in found.statuses if status >= _CLIENT_ERRORS.start]
    if odd:
        yield f"some were answered {', '.join(map(str, odd))}"


def _newcomers(plan: Plan, observed: Observed) -> str:
    if not observed.connections:
        return ""
    seen = observed.in_flight is not None and observed.in_flight.accepted
    stated, met = closing(plan) if seen else "", passive(observed.connections[-1])
    told = "" if not stated else " (as predicted)" if stated.startswith(met) else f" (predicted: they {stated})"
    return f"new connections after {signal_name(plan)} {', then '.join(map(passive, observed.connections))}{told}"


def _number(requests: int) -> str:
    return f"{requests} request{'' if requests == 1 else 's'}"
