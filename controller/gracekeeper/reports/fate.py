"""Says in a few words what a process does when it is told to stop: the names on the pictures of a shutdown."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.style import one_line
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.server import OnTerm, Purpose
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Stop, Timeline

_HEARD: Final = {
    OnTerm.IGNORES: "{signal} ends {name} at once",
    OnTerm.DROPS: "{signal}: {name} drops what it has",
    OnTerm.RESTARTS: "{signal}: {name} drops what it has and starts anew",
    OnTerm.GIVES_BACK: "{signal}: {name} gives back what it has",
    OnTerm.ENDS: "{signal} ends {name}",
    OnTerm.FINISHES: "{signal}, heard by {name}",
    OnTerm.UNKNOWN: "{signal} reaches {name}",
}


class Fate(enum.Enum):
    """What follows the stop signal."""

    FINISHES = "finishes within a limit"
    UNBOUNDED = "finishes without any limit"
    GOES_ON = "never notices"
    OVER = "is gone at once"
    UNKNOWN = "is not known"


def fate(timeline: Timeline, stop: Stop) -> Fate:
    """Tell what follows the stop signal in one way of stopping."""
    delivery, on_term = timeline.process.delivery, timeline.process.shutdown.on_term
    if stop.drained is not None:
        return Fate.FINISHES
    if timeline.is_unbounded:
        return Fate.UNBOUNDED
    if delivery.outcome is not Outcome.HEARD:
        return _without_hearing(delivery.outcome)
    if on_term is OnTerm.RESTARTS or (on_term is OnTerm.IGNORES and delivery.as_pid_1):
        return Fate.GOES_ON
    return Fate.UNKNOWN if on_term in (OnTerm.UNKNOWN, OnTerm.FINISHES) else Fate.OVER


def _without_hearing(outcome: Outcome) -> Fate:
    if outcome is Outcome.LOST:
        return Fate.GOES_ON
    return Fate.UNKNOWN if outcome is Outcome.UNKNOWN else Fate.OVER


def name_of(process: PythonProcess) -> str:
    """What to call the process that is told to stop."""
    return one_line(process.name) or "the process"


def work_of(process: PythonProcess) -> str:
    """What the process has in hand: `requests`, `tasks` or just `work`."""
    if process.serves_requests:
        return "requests"
    return "tasks" if process.server and process.server.purpose is Purpose.TASKS else "work"


def signal_text(process: PythonProcess) -> str:
    """What becomes of the stop signal: `SIGTERM, heard by gunicorn`."""
    delivery, name = process.delivery, name_of(process)
    link = one_line(delivery.link.name) if delivery.link else "a process in front"
    match delivery.outcome:
        case Outcome.HEARD:
            return _heard(process)
        case Outcome.LOST:
            return f"SIGTERM, lost in {link}" if delivery.certain else f"SIGTERM, lost where sh is {shells_of(process)}"
        case Outcome.CUT:
            return f"SIGTERM ends {link}, and {name} is killed with it"
        case Outcome.INTERRUPTED:
            return f"SIGINT instead of SIGTERM, sent by {link}"
        case Outcome.UNKNOWN:
            return "SIGTERM; who hears it is not known"


def shells_of(process: PythonProcess) -> str:
    """The shells for which the outcome holds: `dash or ash`."""
    return " or ".join(process.delivery.shells)


def _heard(process: PythonProcess) -> str:
    shutdown, name = process.shutdown, name_of(process)
    if shutdown.on_term is OnTerm.IGNORES and process.delivery.as_pid_1:
        return f"{shutdown.stop_signal}, dropped: {name} has no handler"
    return _HEARD[shutdown.on_term].format(signal=shutdown.arriving_signal, name=name)


def kill_text(timeline: Timeline, stop: Stop) -> str:
    """What SIGKILL comes to: `SIGKILL at 30, 8 s to spare`; empty where nothing is left to kill."""
    kill = f"SIGKILL at {format_seconds(stop.killed)}"
    match fate(timeline, stop):
        case Fate.FINISHES:
            return kill + _spare(stop)
        case Fate.UNBOUNDED | Fate.GOES_ON:
            return f"{kill} cuts what runs then"
        case Fate.UNKNOWN:
            return f"{kill} at the latest"
        case Fate.OVER:
            return ""


def _spare(stop: Stop) -> str:
    spare = stop.killed - (stop.drained or 0.0)
    if spare > 0:
        return f", {format_seconds(spare)} s to spare"
    return ", nothing to spare" if spare == 0 else ""
