"""The kernel drops the stop signal, because PID 1 has no handler for it.

## What it does
Finds a program that is PID 1 itself and has no handler for SIGTERM: for servers that are known to have none this is
proven, for a plain `python script.py` it is suspected, since only its code tells. Not where `shareProcessNamespace` or
`hostPID` makes another process PID 1, and not for Jobs, which are meant to run to their end.

## Why it matters
For PID 1 the kernel drops a signal without a handler: the program goes on until SIGKILL, and every stop takes the whole
grace period.

## What to do
Handle SIGTERM in the program: `signal.signal(signal.SIGTERM, …)`, or `loop.add_signal_handler` under asyncio. waitress
finishes its requests at SIGINT: let `dumb-init --rewrite 15:2` send it that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.server import OnTerm, Purpose
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)
_NUMBERS: Final = {"SIGINT": 2, "SIGQUIT": 3}


def check(timeline: Timeline) -> Iterator[Finding]:
    """See whether the program is PID 1 without a handler."""
    process = timeline.process
    server, delivery = process.server, process.delivery
    if server is None or delivery.outcome is not Outcome.HEARD or not delivery.as_pid_1 or process.shutdown.is_declared:
        return
    proven = process.shutdown.on_term is OnTerm.IGNORES
    suspected = server.purpose is Purpose.PROGRAM and process.shutdown.on_term is OnTerm.UNKNOWN
    if timeline.container.workload.is_job or not (proven or suspected):
        return
    unless = "" if proven else " unless its code installs one"
    killed = format_seconds(timeline.stop.killed)
    yield Finding(
        at=process.places.program,
        message=f"{process.name} is PID 1 and has no handler for SIGTERM{unless}: the kernel drops the signal, "
        f"the program "
        f"goes on, and SIGKILL ends it at {killed} s.",
        remedies=tuple(map(Advice, _remedies(process))),
        doubt=joined("" if proven else "its code may install a handler", process.shutdown.doubt),
        severity=None if proven else Severity.WARNING,
        evidence=(Evidence("handler for SIGTERM", "none" if proven else "not told by the manifest", server.label),),
    )


def _remedies(process: PythonProcess) -> tuple[str, ...]:
    if process.server and process.server.is_development:
        return (f"start the application with {process.server.production}",)
    graceful = process.shutdown.graceful_signal
    if graceful:
        return (
            f"put `dumb-init --rewrite 15:{_NUMBERS[graceful]}` in front, so that it gets {graceful} and stops",
            f"write STOPSIGNAL {graceful} in the Dockerfile",
        )
    return (
        "handle SIGTERM in the program, for instance `signal.signal(signal.SIGTERM, stop)`",
        "declare gracekeeper.dev/shutdown-seconds if it already does",
    )


BAD: Final[Mapping[str, str]] = {
    "a plain script is PID 1": """
        containers:
        - {name: consumer, image: "shop/consumer:1.4.2", command: [python, consumer.py]}  # finding
    """,
    "waitress only stops at SIGINT": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [waitress-serve, "app:app"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "another process is PID 1": """
        shareProcessNamespace: true
        containers:
        - {name: consumer, image: "shop/consumer:1.4.2", command: [python, consumer.py]}
    """,
    "an init turns the signal into the one that counts": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [dumb-init, --rewrite, "15:2", waitress-serve, "app:app"]}
    """,
    "the server handles it": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]}
    """,
}
