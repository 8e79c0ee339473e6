"""A task may run longer than the worker is given to finish it.

## What it does
Compares a worker's limit for one task with what is left of the grace period when the worker gets SIGTERM. A worker
without any limit is a suspicion, since its application's own settings may hold one.

## Why it matters
The worker waits for the running task, and SIGKILL ends both. A task that was acknowledged when it began is lost; one
that is acknowledged late comes back only after the broker's visibility timeout.

## What to do
Give the pod more time than the longest task needs, limit the tasks, or declare the worst time a stop takes with
`gracekeeper.dev/shutdown-seconds`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Finding, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.server import OnTerm, Purpose
from gracekeeper_policies.provenance import Known, joined
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.server import Server
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)
_MARGIN: Final = 2


def check(timeline: Timeline) -> Iterator[Finding]:
    """Compare the task limit with the time between SIGTERM and SIGKILL."""
    process, server = timeline.process, timeline.process.server
    if server is None or server.purpose is not Purpose.TASKS or process.on_term is not OnTerm.FINISHES:
        return
    if process.delivery.outcome is not Outcome.HEARD or process.declares_shutdown:
        return
    limit = process.setting(server.task_limit)
    if isinstance(limit, Known) and isinstance(limit.value, int | float):
        yield from _limited(timeline, limit.value)
    else:
        yield _unlimited(timeline, server)


def _limited(timeline: Timeline, limit: float) -> Iterator[Finding]:
    stop, process = timeline.stop, timeline.process
    if limit < stop.budget:
        return
    needed = math.ceil(stop.signalled + limit + _MARGIN)
    yield Finding(
        at=stop.path,
        message=f"A task may run for {format_seconds(limit)} s, but the worker is killed "
        f"{format_seconds(stop.budget)} s after "
        "SIGTERM: a task that still runs then is lost, or comes back late if it is acknowledged late.",
        remedies=(Set(stop.path, needed, f"{format_seconds(stop.signalled + limit)} + {_MARGIN} margin"),),
        doubt=joined(process.signal_doubt, process.remap_doubt),
        evidence=(evidence_of("task time limit", process.setting("task time limit"), "s"),),
    )


def _unlimited(timeline: Timeline, server: Server) -> Finding:
    stop, flag = timeline.stop, server.option(server.task_limit).flags[0]
    fitting = max(int(stop.budget) - _MARGIN, 1)
    return Finding(
        at=stop.path,
        message=f"Nothing in sight limits how long a task runs, and the worker is killed "
        f"{format_seconds(stop.budget)} s after "
        "SIGTERM: a longer task is lost, or comes back late if it is acknowledged late.",
        remedies=(
            Advice("raise terminationGracePeriodSeconds above the longest task"),
            Argument(f"{flag} {fitting}", None, "if no task needs longer"),
            Advice("declare gracekeeper.dev/shutdown-seconds if the application bounds its tasks"),
        ),
        doubt="the application's own settings may limit its tasks",
        severity=Severity.WARNING,
        evidence=(evidence_of("task time limit", timeline.process.setting(server.task_limit), "s"),),
    )


BAD: Final[Mapping[str, str]] = {
    "tasks may run ten times as long as the pod waits": """
        terminationGracePeriodSeconds: 30  # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker, --time-limit=300]}
    """,
    "no limit at all": """
        # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the grace period covers the longest task": """
        terminationGracePeriodSeconds: 310
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker, --time-limit=300]}
    """,
    "tasks are given back at once": """
        containers:
        - name: worker
          image: shop/web:1.4.2
          command: [celery, -A, shop, worker]
          env: [{name: REMAP_SIGTERM, value: SIGQUIT}]
    """,
}
