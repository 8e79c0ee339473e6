"""One worker serves both requests and the liveness probe.

## What it does
Finds a server that answers one request at a time (a single sync worker of gunicorn, uWSGI with one process and one
thread) and a liveness probe that asks it over HTTP. Silent where no request may take as long as the probe waits: by
`gracekeeper.dev/request-seconds`, or by the server's own limit for a request.

## Why it matters
While one slow request runs, the probe waits behind it. When it has failed often enough the kubelet restarts the
container, and the slow request dies with everything else.

## What to do
Give the server a second worker or a few threads, so that the probe is answered beside a slow request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.podspec import Probe
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_THREADS: Final = "threads"


def check(process: PythonProcess) -> Iterator[Finding]:
    """See whether a slow request can keep the liveness probe waiting until it kills."""
    probe, requests = process.container.spec.liveness_probe, process.requests
    if probe is None or requests is None or requests.at_once != 1 or not _asks(process, probe):
        return
    patience, longest = _patience(probe), requests.longest
    if longest is not None and longest.value <= patience:
        return
    yield Finding(
        at=(*process.container.path, "livenessProbe"),
        message=f"{process.name} answers one request at a time, and the liveness probe waits behind it: a request that "
        f"takes longer than {patience} s gets the container restarted, and is cut by that.",
        remedies=(_remedy(process), Advice("declare gracekeeper.dev/request-seconds if no request takes that long")),
        doubt=joined(process.addresses.doubt, requests.doubt),
        evidence=(
            Evidence("requests at once", "1", process.server.label if process.server else ""),
            Evidence("liveness probe gives up after", f"{patience} s", "livenessProbe"),
        ),
    )


def _asks(process: PythonProcess, probe: Probe) -> bool:
    # The kernel accepts a TCP connection by itself, however busy the server is.
    if probe.http_get is None or probe.http_get.host or isinstance(process.addresses.binds, Unknown):
        return False
    return process.container.port_number(probe.http_get.port) in {bind.port for bind in process.addresses.binds}


def _patience(probe: Probe) -> int:
    # From a request that starts just before a probe does to the failure that kills.
    interval = max(probe.period_seconds, probe.timeout_seconds)
    return (probe.failure_threshold - 1) * interval + probe.timeout_seconds


def _remedy(process: PythonProcess) -> Argument | Advice:
    names = [option.name for option in process.server.options] if process.server else []
    if process.server is None or _THREADS not in names:
        return Advice("start more workers")
    path = getattr(process.setting(_THREADS), "path", None)
    return Argument(f"{process.server.option(_THREADS).flags[-1]} 4", path, "if the application is thread-safe")


BAD: Final[Mapping[str, str]] = {
    "gunicorn's one sync worker": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "threads answer beside a slow request": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --threads=4, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}, failureThreshold: 6}
    """,
    "gunicorn ends a slow request before the probe gives up": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --timeout=30, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}, failureThreshold: 6}
    """,
}
