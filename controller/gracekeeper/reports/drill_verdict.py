"""Holds what a drill saw against what was predicted, and says in a sentence how the stop went."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

from gracekeeper.drill.observed import Answer
from gracekeeper.reports.fate import Fate, fate, name_of, work_of
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.drill.observed import Observed
    from gracekeeper.drill.plan import Plan

_LATE: Final = 5.0
"""Seconds by which an end may come later than predicted, on a machine with other work to do."""
_EARLY: Final = 0.5
"""Seconds by which a limit may strike earlier: timers are not exact."""
_OF_HOOK: Final = 1.0
_AT_ONCE: Final = 0.1


def seconds(value: float) -> str:
    """Seconds to a tenth, as people read them: `8.1`, `30`."""
    return format_seconds(round(value, 1))


def signal_name(plan: Plan) -> str:
    """The stop signal by its name."""
    return next((each.name for each in signal.Signals if each == plan.signal), f"signal {plan.signal}")


def predicted(plan: Plan) -> Fate:
    """What follows the stop signal, going by the manifest."""
    return fate(plan.timeline, plan.stop)


def closing(plan: Plan) -> str:
    """What becomes of new connections while it stops, as predicted: `are refused`; empty where nothing is."""
    process = plan.timeline.process
    match predicted(plan):
        case Fate.FINISHES | Fate.UNBOUNDED:
            return process.shutdown.closes
        case Fate.GOES_ON if process.serves_requests:
            return "are served"
    return ""


def differences(plan: Plan, observed: Observed) -> tuple[str, ...]:
    """What went otherwise than predicted, each in a clause."""
    return (*_of_hook(plan, observed), *_of_end(plan, observed), *_of_connections(plan, observed))


def _of_hook(plan: Plan, observed: Observed) -> Iterator[str]:
    expected = plan.timeline.pre_stop
    if expected.unknown or observed.hook is None:
        return
    if observed.trouble:
        yield "the pre-stop hook fails"
    elif observed.signalled is None:
        yield f"it is gone before the stop signal, {seconds(observed.ended)} s after the pre-stop hook began"
    else:
        lasts = min(expected.seconds, plan.stop.grace)
        if abs(observed.hook - lasts) > _OF_HOOK:
            yield f"the pre-stop hook takes {seconds(observed.hook)} s, predicted were {seconds(lasts)}"


def is_ended(plan: Plan, observed: Observed) -> bool:
    """Whether the pre-stop hook was ended because the grace period was over."""
    return observed.hook is not None and observed.hook >= plan.stop.grace and observed.signalled is not None


def _of_end(plan: Plan, observed: Observed) -> Iterator[str]:
    if observed.signalled is None:
        return
    match predicted(plan):
        case Fate.FINISHES:
            yield from _of_limit(plan, observed, plan.stop.drained or 0.0)
        case Fate.UNBOUNDED:
            yield from _of_limit(plan, observed, plan.stop.killed)
        case Fate.GOES_ON if observed.killed is None:
            yield (
                f"it ends by itself at {seconds(observed.ended)} s, and was predicted to go on until SIGKILL at "
                f"{seconds(plan.stop.killed)}"
            )
        case Fate.OVER:
            yield from _of_sudden_end(plan, observed, observed.signalled)


def _of_limit(plan: Plan, observed: Observed, limit: float) -> Iterator[str]:
    limit = min(limit, plan.stop.killed)
    if observed.ended > limit + _LATE:
        yield f"it ends at {seconds(observed.ended)} s, and was predicted to end by {seconds(limit)}"
    elif observed.killed is not None and limit < plan.stop.killed:
        yield f"SIGKILL is needed at {seconds(observed.killed)} s, though its end was predicted by {seconds(limit)}"
    cut = observed.in_flight.first_cut if observed.in_flight else None
    if cut is not None and cut < limit - _EARLY:
        work = work_of(plan.timeline.process)
        yield f"a request is cut at {seconds(cut)} s, though {work} were predicted to have until {seconds(limit)}"


def _of_sudden_end(plan: Plan, observed: Observed, signalled: float) -> Iterator[str]:
    if observed.ended > signalled + _LATE:
        name = name_of(plan.timeline.process)
        yield f"{name} ends {seconds(observed.ended - signalled)} s after the signal, and was predicted to end at once"


def _of_connections(plan: Plan, observed: Observed) -> Iterator[str]:
    stated = closing(plan)
    if not observed.connections or not stated or not (observed.in_flight and observed.in_flight.accepted):
        return
    met = observed.connections[-1]
    # Where it goes on, nobody is served while all its workers are busy.
    if not stated.startswith(passive(met)) and predicted(plan) is not Fate.GOES_ON:
        yield f"new connections {passive(met)}, and it was predicted that they {stated}"
    if predicted(plan) is Fate.GOES_ON and met is Answer.REFUSED:
        yield "new connections are refused, and it was predicted to go on serving"


def passive(answer: Answer) -> str:
    """What becomes of connections: `are refused`."""
    return "hang" if answer is Answer.HANGS else f"are {answer.value}"


def happened(plan: Plan, observed: Observed) -> str:
    """How the stop went, in a sentence, the loss first."""
    cut = f"{observed.cut} of {_counted(observed)} in flight {'is' if observed.cut == 1 else 'are'} cut"
    if observed.killed is not None:
        needed = f"SIGKILL is needed at {seconds(observed.killed)} s"
        return f"{needed}, and {cut}." if observed.cut else f"{needed}."
    if observed.cut:
        return f"{cut[0].upper()}{cut[1:]}."
    spare = plan.stop.killed - observed.ended
    when = "at once" if observed.ended < _AT_ONCE else f"in {seconds(observed.ended)} s"
    return f"It stops {when}, with {seconds(spare)} s to spare."


def _counted(observed: Observed) -> str:
    number = observed.in_flight.accepted if observed.in_flight else 0
    return f"{number} request{'' if number == 1 else 's'}"


def compared(plan: Plan, observed: Observed, found: tuple[str, ...]) -> str:
    """Whether that was predicted, in a sentence."""
    if found:
        return f"Otherwise than predicted: {'; '.join(found)}."
    if observed.signalled is None:
        return f"It is gone before {signal_name(plan)}: what it does at it was not seen."
    if predicted(plan) is Fate.UNKNOWN:
        return "How it stops is decided by its own code: nothing was predicted that could differ."
    if observed.in_flight is not None and not observed.in_flight.accepted:
        return "As far as it was seen, that is what was predicted: nothing was in flight."
    return "That is what was predicted."
