"""The server drops what is in flight when it is told to stop.

## What it does
Finds a server that ends every open request the moment the stop signal arrives, as it runs here: daphne always does,
uWSGI without a graceful hook, hypercorn with several workers, waitress behind an init.

## Why it matters
Each rollout, each node drain and each scale-down cuts the requests that run: no grace period is long enough for a
server that does not wait.

## What to do
Let a pre-stop hook wait longer than the longest request needs, and declare that in `gracekeeper.dev/request-seconds`;
or use a server, or settings, that let requests end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.stopping import TERM
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)


def check(timeline: Timeline) -> Iterator[Finding]:
    """See whether the signal cuts requests, and whether a pre-stop delay lets them end before it."""
    process, pre_stop = timeline.process, timeline.pre_stop
    server, longest = process.server, process.requests.declared if process.requests else None
    if server is None or server.is_development or process.shutdown.is_declared or not _cuts_requests(process):
        return
    if longest is not None and longest.value <= pre_stop.seconds:
        return
    yield Finding(
        at=process.places.program,
        message=f"{process.name} drops every open request the moment {process.shutdown.arriving_signal} arrives: "
        f"each stop {_what_is_cut(pre_stop.seconds)}.",
        remedies=(
            Advice(_longer(longest.value if longest else None)),
            *([Advice(server.drain_cure)] if server.drain_cure else []),
        ),
        doubt=joined(process.shutdown.doubt, pre_stop.unknown),
        evidence=(
            Evidence(f"at {process.shutdown.arriving_signal}", OnTerm.DROPS.value, server.label),
            Evidence("pre-stop delay", f"{format_seconds(pre_stop.seconds)} s", pre_stop.handler or "no hook"),
        ),
    )


def _cuts_requests(process: PythonProcess) -> bool:
    if not process.serves_requests or not process.shutdown.arriving_signal or process.container.workload.is_job:
        return False
    if process.shutdown.arriving_signal != TERM and process.shutdown.graceful_signal not in (
        "",
        process.shutdown.arriving_signal,
    ):
        # It gets a signal that somebody chose by mistake: another rule's.
        return False
    reaction = process.shutdown.at_signal(process.shutdown.arriving_signal)
    if reaction.is_by_delivery:
        # What stands in front or a hook does it, not the server: another rule's as well.
        return False
    does = reaction.does
    return does is OnTerm.DROPS or (does is OnTerm.IGNORES and not process.delivery.as_pid_1)


def _what_is_cut(delay: float) -> str:
    if not delay:
        return "cuts what runs"
    return f"cuts requests that take longer than the pre-stop delay of {format_seconds(delay)} s"


def _longer(longest: float | None) -> str:
    if longest is None:
        return "let a preStop hook sleep longer than the longest request, and declare gracekeeper.dev/request-seconds"
    return f"let a preStop hook sleep {format_seconds(longest)} s, the longest request, within the grace period"


BAD: Final[Mapping[str, str]] = {
    "daphne has no graceful stop": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [daphne, -b, 0.0.0.0, "app:app"]}  # finding
    """,
    "the pre-stop delay is shorter than a request": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [uwsgi, --http=0.0.0.0:8000, --master, --die-on-term, --module=app]  # finding
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "hypercorn's workers go with the first that leaves": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [hypercorn, --bind=:8000, --workers=4, "app:app"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "one worker of hypercorn waits": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [hypercorn, --bind=:8000, --workers=1, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "gunicorn waits": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
}
