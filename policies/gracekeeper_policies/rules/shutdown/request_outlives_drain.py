"""A request may take longer than the server waits for it when it stops.

## What it does
Compares the time that one request may take with the server's own limit for finishing requests. That time is what
`gracekeeper.dev/request-seconds` declares, else the server's limit for a request: `--timeout` of gunicorn's sync
workers (its other workers take it for a heartbeat). A limit that nobody set is only suspected to be needed.

## Why it matters
The server cuts the request by itself, however long the grace period: the client sees a reset or an error at each
rollout.

## What to do
Raise the server's limit for finishing requests, and the grace period with it; or lower the limit for a request.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Finding, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Default, Known, Unknown, joined
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)
_MARGIN: Final = 2


def check(timeline: Timeline) -> Iterator[Finding]:
    """Compare the longest request with the drain."""
    process = timeline.process
    longest, drain = process.requests.longest if process.requests else None, process.shutdown.drain
    if longest is None or process.shutdown.is_declared or not process.shutdown.arriving_signal:
        return
    if isinstance(drain, Unknown) or drain.value is None or longest.value <= drain.value:
        return
    yield _finding(timeline, longest, drain.value)


def _finding(timeline: Timeline, longest: Known[float] | Default[float], drain: float) -> Finding:
    process = timeline.process
    return Finding(
        at=timeline.drain_path or getattr(longest, "path", None) or process.places.program,
        message=f"A request may take {format_seconds(longest.value)} s, but {process.name} waits for open requests no "
        f"longer than {format_seconds(drain)} s ({timeline.drain_source}) when it stops: one that needs more is cut.",
        remedies=tuple(_remedies(timeline, longest, drain)),
        doubt=joined(timeline.drain_doubt, *_doubts(timeline, longest, drain)),
        severity=Severity.NOTE if isinstance(longest, Default) else None,
        evidence=(
            evidence_of("longest request", longest, "s"),
            evidence_of("graceful timeout", process.shutdown.drain, "s"),
        ),
    )


def _doubts(timeline: Timeline, longest: Known[float] | Default[float], drain: float) -> Iterator[str]:
    if isinstance(longest, Default):
        yield joined("no request may need that long", longest.doubt)
    if longest.value <= drain + timeline.pre_stop.seconds:
        yield "the pre-stop delay may be long enough for those that came before it"


def _remedies(timeline: Timeline, longest: Known[float] | Default[float], drain: float) -> Iterator[Argument | Advice]:
    process, needed = timeline.process, math.ceil(longest.value)
    grace = math.ceil(timeline.stop.signalled + longest.value + _MARGIN)
    if timeline.drain_flag:
        reason = f"with terminationGracePeriodSeconds: {grace} or more"
        yield Argument(f"{timeline.drain_flag} {needed}", timeline.drain_path, reason)
    else:
        yield Advice(f"let a preStop hook sleep {needed} s, within a grace period of {grace + needed} s or more")
    server, requests = process.server, process.requests
    if server and server.request_limit and requests and longest is requests.limit and drain >= 1:
        flag = server.option(server.request_limit.option).flags[-1]
        yield Argument(f"{flag} {math.floor(drain)}", getattr(longest, "path", None), "if no request needs longer")


BAD: Final[Mapping[str, str]] = {
    "gunicorn lets a request run for two minutes, but waits half a minute": """
        terminationGracePeriodSeconds: 60
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, --timeout=120, "app:app"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the server waits as long as a request may take": """
        terminationGracePeriodSeconds: 130
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --timeout=120, --graceful-timeout=120, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "for threads the timeout is a heartbeat": """
        terminationGracePeriodSeconds: 60
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --threads=4, --timeout=120, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
}
