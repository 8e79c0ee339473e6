"""Liveness asks what readiness asks, and no later.

## What it does
Compares the liveness probe's question with the readiness probe's, ports resolved by name, and the time each takes to
give up. A probe that only connects (`tcpSocket`) touches no dependency and is left alone.

## Why it matters
When a dependency is slow, the question fails on every replica. Readiness would take them out of the Service until it
answers again; liveness restarts them all instead, and with them every request and every cache.

## What to do
Let liveness ask something that touches no dependency, or give up well after readiness.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.podspec import Probe

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_LONGEST: Final = 3600


def check(container: Container) -> Iterator[Finding]:
    """Compare the two questions and the two patiences."""
    liveness, readiness = container.spec.liveness_probe, container.spec.readiness_probe
    if liveness is None or readiness is None or liveness.handler in ("", "tcpSocket"):
        return
    dies, waits = _patience(liveness), _patience(readiness)
    if _question(container, liveness) != _question(container, readiness) or dies > waits:
        return
    path = (*container.path, "livenessProbe")
    yield Finding(
        at=path,
        message=f"Liveness asks what readiness asks and gives up after {dies} s, readiness after {waits} s: a "
        f"slow dependency "
        "restarts every replica instead of taking it out of the Service.",
        remedies=tuple(_remedies(liveness, waits, path)),
        evidence=(
            Evidence("liveness gives up", f"{dies} s", "failureThreshold × periodSeconds"),
            Evidence("readiness gives up", f"{waits} s", "failureThreshold × periodSeconds"),
        ),
    )


def _remedies(liveness: Probe, waits: int, path: Path) -> Iterator[Remedy]:
    yield Advice("let liveness ask something that touches no dependency")
    interval = max(liveness.period_seconds, liveness.timeout_seconds)
    failures = math.ceil(3 * waits / interval)
    # A liveness probe that waits for hours restarts nothing any more.
    if failures * interval <= _LONGEST:
        yield Set((*path, "failureThreshold"), failures, f"{failures} × {interval} s, three times readiness' patience")


def _patience(probe: Probe) -> int:
    return probe.failure_threshold * max(probe.period_seconds, probe.timeout_seconds)


def _question(container: Container, probe: Probe) -> object:
    port = probe.port if probe.port is None else container.port_number(probe.port)
    http = (probe.http_get.path, probe.http_get.scheme, probe.http_get.host) if probe.http_get else None
    service = probe.grpc.service if probe.grpc else None
    return probe.handler, port, http, service, probe.exec.command if probe.exec else None


BAD: Final[Mapping[str, str]] = {
    "the same path, the port once by name": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          ports: [{name: http, containerPort: 8000}]
          readinessProbe: {httpGet: {path: /health, port: http}}
          livenessProbe: {httpGet: {path: /health, port: 8000}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "two questions": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --threads=4, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}
    """,
    "liveness is far more patient": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {httpGet: {path: /health, port: 8000}}
          livenessProbe: {httpGet: {path: /health, port: 8000}, failureThreshold: 9}
    """,
}
