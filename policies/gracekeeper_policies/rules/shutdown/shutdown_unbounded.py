"""The server waits without limit for what is in flight.

## What it does
Finds a server that hears SIGTERM and then waits, by its own default, until the last request has ended.

## Why it matters
One hanging request or open stream keeps the server waiting until SIGKILL: its own clean-up (an ASGI lifespan shutdown,
a flushed buffer, a closed pool) then never runs, and every other open request is cut with it.

## What to do
Give the server a limit a little below what is left of the grace period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)
_MARGIN: Final = 2


def check(timeline: Timeline) -> Iterator[Finding]:
    """See whether anything bounds the drain of a server that finishes requests."""
    process, stop = timeline.process, timeline.stop
    # A development server has no production traffic to lose; that it is one is another rule's.
    if not (timeline.is_unbounded and process.serves_requests) or (process.server and process.server.is_development):
        return
    killed = format_seconds(stop.killed)
    yield Finding(
        at=process.places.program,
        message=f"{process.name} waits without limit for open requests, so one that hangs keeps it until SIGKILL "
        f"at {killed} s: "
        "its own clean-up then never runs, and every request still open is cut.",
        remedies=(_remedy(timeline),),
        doubt=timeline.drain_doubt,
        evidence=(
            evidence_of("graceful timeout", process.shutdown.drain, "s"),
            Evidence("time until SIGKILL", f"{format_seconds(stop.budget)} s", "grace period less pre-stop delay"),
            *_missed(process),
        ),
    )


def _missed(process: PythonProcess) -> Iterator[Evidence]:
    moment = process.shutdown.missed_while
    if moment and process.server:
        yield Evidence(f"{process.shutdown.arriving_signal} unnoticed", f"now and then, {moment}", process.server.label)


def _remedy(timeline: Timeline) -> Argument | Advice:
    budget, server = timeline.stop.budget, timeline.process.server
    if not timeline.drain_flag:
        return Advice(server.unbounded_cure if server else "")
    fitting = max(int(budget) - _MARGIN, 1)
    return Argument(f"{timeline.drain_flag} {fitting}", None, f"{format_seconds(budget)} left − {_MARGIN} margin")


BAD: Final[Mapping[str, str]] = {
    "uvicorn by default": """
        containers:
        - {name: api, image: "shop/api:1.4.2", command: [uvicorn, --host=0.0.0.0, "app:app"]}  # finding
    """,
    "FastAPI's command cannot bound it": """
        containers:
        - {name: api, image: "shop/api:1.4.2", command: [fastapi, run]}  # finding
    """,
    "granian by default": """
        containers:
        - {name: api, image: "shop/api:1.4.2", command: [granian, --host=0.0.0.0, "app:app"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a limit by flag": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, --timeout-graceful-shutdown=20, "app:app"]
    """,
    "granian kills workers that take too long": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [granian, --host=0.0.0.0, --workers-kill-timeout=20s, "app:app"]
    """,
    "a limit by variable": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
          env: [{name: UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN, value: "20"}]
    """,
}
