"""The container is killed before it has started.

## What it does
Compares the time until the server listens with the time after which a probe kills a container that never answers. That
time is declared by `gracekeeper.dev/startup-seconds`, else it is at least the measured CPU time of an empty
application over the CPU limit. Beyond the latest kill the finding is proven, between the earliest and the latest it is
suspected. Migrations, downloads and installations that run before the server, inside a liveness probe's window, are a
suspicion.

## Why it matters
The kill starts the same start again: the pod never becomes ready, and a migration is broken off in the middle.

## What to do
Give the start a startup probe of its own with `failureThreshold × periodSeconds` above the longest start.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.window import Window

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1", drawing=Drawing.START)


def check(timeline: Timeline) -> Iterator[Finding]:
    """Compare the start with the first probe that kills."""
    window, declared = timeline.window, timeline.declared_start
    if window is None:
        return
    if declared is not None:
        if declared.value > window.earliest:
            yield _too_slow(timeline, window, declared.value, declared.source, None)
    elif timeline.cold_start is not None and timeline.cold_start > window.latest:
        source = "measured on an empty application, over the CPU limit"
        yield _too_slow(timeline, window, timeline.cold_start, source, Severity.WARNING)
    elif window.probe == "liveness" and timeline.preparation:
        yield _prepares(timeline, window)


def _too_slow(timeline: Timeline, window: Window, seconds: float, source: str, severity: Severity | None) -> Finding:
    start, latest = format_seconds(seconds), format_seconds(window.latest)
    return Finding(
        at=window.path,
        message=f"{timeline.program_name} takes {start} s until it listens, but the {window.probe} probe kills a "
        f"container that "
        f"does not answer {format_seconds(window.earliest)} to {latest} s after its start: it is restarted before "
        f"it is up.",
        remedies=(_startup_probe(timeline, seconds),),
        doubt="" if seconds > window.latest else "the kill falls between the earliest and the latest moment",
        severity=severity,
        evidence=(
            Evidence("start", f"{start} s", source),
            Evidence("killed at the latest", f"{latest} s", f"{window.probe}Probe"),
        ),
    )


def _prepares(timeline: Timeline, window: Window) -> Finding:
    commands = ", ".join(timeline.preparation)
    return Finding(
        at=window.path,
        message=f"Before {timeline.program_name} starts the container runs {commands}, and the liveness probe kills it "
        f"{format_seconds(window.earliest)} to {format_seconds(window.latest)} s after its start: when that takes "
        "longer it is broken off and begun again.",
        remedies=(
            Advice("write a startupProbe whose failureThreshold × periodSeconds covers the longest start"),
            Advice("declare gracekeeper.dev/startup-seconds if it always fits"),
        ),
        doubt="how long that takes is not known",
        severity=Severity.WARNING,
        evidence=(Evidence("runs before the server", commands, "the script"),),
    )


def _startup_probe(timeline: Timeline, seconds: float) -> Set:
    probe = timeline.container.spec.startup_probe or timeline.container.spec.liveness_probe
    period = probe.period_seconds if probe else 10
    failures = math.ceil(2 * seconds / period) + 1
    path = (*timeline.container.path, "startupProbe", "failureThreshold")
    return Set(path, failures, f"asking what liveness asks every {period} s: twice the start")


BAD: Final[Mapping[str, str]] = {
    "a CPU limit under which even an empty application starts too slowly": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
          resources: {limits: {cpu: 5m, memory: 256Mi}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}  # finding
    """,
    "migrations run inside the liveness window": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [sh, -c, "python manage.py migrate && exec gunicorn --bind=:8000 shop.wsgi"]
          livenessProbe: {httpGet: {path: /alive, port: 8000}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a startup probe covers the start": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [sh, -c, "python manage.py migrate && exec gunicorn --bind=:8000 --threads=4 shop.wsgi"]
          startupProbe: {httpGet: {path: /alive, port: 8000}, failureThreshold: 60}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}
    """,
    "an ordinary start": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}
    """,
}
