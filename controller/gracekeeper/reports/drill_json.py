"""The report of a drill for programs; times are seconds from the moment in which the container is told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from gracekeeper.reports.drill_verdict import closing, compared, differences, happened, predicted, signal_name
from gracekeeper.reports.json import object_json

if TYPE_CHECKING:
    from gracekeeper.drill.observed import InFlight, Observed
    from gracekeeper.drill.plan import Plan

VERSION: Final = 1
_DIGITS: Final = 3


def drill_json(plan: Plan, observed: Observed) -> str:
    """Write a drill as one JSON object."""
    workload, found = plan.timeline.container.workload, differences(plan, observed)
    content = {
        "version": VERSION,
        "workload": object_json(workload.identity),
        "container": plan.timeline.container.name,
        "command": list(map(workload.elision, plan.surroundings.words)),
        "notes": list(map(workload.elision, plan.notes)),
        "predicted": _predicted(plan),
        "observed": _observed(plan, observed),
        "loses": observed.loses,
        "differences": list(found),
        "message": f"{happened(plan, observed)} {compared(plan, observed, found)}",
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _predicted(plan: Plan) -> dict[str, Any]:
    stop, pre_stop = plan.stop, plan.timeline.pre_stop
    return {
        "outcome": predicted(plan).value,
        "preStopSeconds": None if pre_stop.unknown else pre_stop.seconds,
        "signalledAt": stop.signalled,
        "endedBy": stop.drained,
        "killedAt": stop.killed,
        "newConnections": closing(plan) or None,
    }


def _observed(plan: Plan, observed: Observed) -> dict[str, Any]:
    return {
        "readyAfter": _rounded(observed.ready),
        "preStopSeconds": _rounded(observed.hook),
        "preStopTrouble": plan.timeline.container.workload.elision(observed.trouble) or None,
        "signal": signal_name(plan),
        "signalledAt": _rounded(observed.signalled),
        "killedAt": _rounded(observed.killed),
        "endedAt": round(observed.ended, _DIGITS),
        "exitCode": observed.code,
        "requests": _requests(observed.in_flight) if observed.in_flight else None,
        "newConnections": [answer.value for answer in observed.connections],
    }


def _requests(found: InFlight) -> dict[str, Any]:
    return {
        "inFlight": {"finished": found.finished, "cut": found.cut},
        "queued": {"served": found.served, "lost": found.lost},
        "refusedBefore": found.turned_away,
        "answeredBefore": found.answered,
        "statuses": list(found.statuses),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
