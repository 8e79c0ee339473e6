"""The pod is killed before its server has finished what it has.

## What it does
Adds the pre-stop delay and the server's own limit for finishing requests, and compares the sum with the grace period
that holds: the pod's, or that of a probe which sets its own. A sum that meets the grace period exactly is too long:
gunicorn's default of 30 s meets Kubernetes' default of 30 s, and SIGKILL wins. A sum that fits but leaves less than
the margin is a warning, and so is a program in front of the server that kills it earlier: supervisord after
`stopwaitsecs` (10 s by default), `su` after two seconds.

supervisord stops its programs one after the other, so the time that others take comes first.

## Why it matters
Requests that still run at SIGKILL are cut: clients see resets at every rollout, every node drain, every scale-down.

## What to do
Raise the grace period above delay plus limit plus margin, or shorten the server's limit if no request needs that long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Argument, Evidence, Finding, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Default, Known, Unknown
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing, parameter
from gracekeeper_policies.supervision import forced, longer, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.timeline import Stop, Timeline

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",),
    drawing=Drawing.SHUTDOWN,
)


@dataclass(frozen=True)
class Parameters:
    """What a policy may set."""

    margin_seconds: int = parameter(2, "s", "time that must be left between the server's own end and SIGKILL")


def check(timeline: Timeline, parameters: Parameters) -> Iterator[Finding]:
    """Compare the end of the drain with SIGKILL, for each way in which the container is stopped."""
    if not (timeline.process.serves_requests or timeline.process.shutdown.is_declared):
        return
    yield from _forced(timeline, parameters.margin_seconds)
    for stop in timeline.stops:
        # No grace period is enough for the pod's stop of a sidecar that waits for a container without a limit.
        if stop is timeline.stop and timeline.waits_for_unbounded:
            continue
        if stop.drained is None or timeline.pre_stop.seconds >= stop.grace:
            continue
        if stop.drained + parameters.margin_seconds > stop.killed:
            yield Finding(
                at=stop.path,
                message=_message(timeline, stop),
                remedies=tuple(_remedies(timeline, stop, parameters.margin_seconds)),
                doubt=timeline.drain_doubt,
                severity=None if stop.drained >= stop.killed else Severity.WARNING,
                evidence=_evidence(timeline, stop),
            )


def _forced(timeline: Timeline, margin: int) -> Iterator[Finding]:
    """What stands in front of the server kills it before its own limit, whatever the grace period."""
    forcing, drain, process = timeline.killer, timeline.process.shutdown.drain, timeline.process
    if forcing is None or isinstance(drain, Unknown) or process.shutdown.is_declared or process.server is None:
        return
    if process.server.is_development or (drain.value is not None and drain.value <= (forcing.kills_after or 0)):
        return
    own = "waits for them without limit" if drain.value is None else f"lets them finish for up to {_number(drain)} s"
    yield Finding(
        at=process.places.of(forcing.word),
        message=f"Requests that take longer are cut: {forced(timeline)}, although {process.name} {own} "
        f"({timeline.drain_source}).",
        remedies=longer(timeline, None if drain.value is None else math.ceil(drain.value + margin)),
        doubt=timeline.drain_doubt,
        severity=Severity.WARNING,
        evidence=(
            Evidence("in front", forcing.name, forcing.script or forcing.reason),
            evidence_of("graceful timeout", drain, "s"),
        ),
    )


def _number(drain: Known[float | None] | Default[float | None]) -> str:
    return format_seconds(drain.value or 0)


def _message(timeline: Timeline, stop: Stop) -> str:
    end, kill = format_seconds(stop.drained or 0), format_seconds(stop.killed)
    first = f"{_delay(timeline)}{waiting(timeline)}"
    story = f"{first}{timeline.program_name} {_lets(timeline)} finish for up to {_limit(timeline)} s"
    if (stop.drained or 0) < stop.killed:
        return f"{story}, which ends at {end} s, and Kubernetes kills the container at {kill} s: there is no margin."
    return (
        f"{_what(timeline)} {kill} s after {stop.occasion} {_fate(timeline)}: {story} ({timeline.drain_source}), "
        f"but Kubernetes kills the container at {kill} s."
    )


def _what(timeline: Timeline) -> str:
    return "Requests that still run" if timeline.process.serves_requests else "What still runs"


def _fate(timeline: Timeline) -> str:
    return "are cut" if timeline.process.serves_requests else "is cut"


def _lets(timeline: Timeline) -> str:
    return "lets requests" if timeline.process.serves_requests else "lets its work"


def _delay(timeline: Timeline) -> str:
    seconds = format_seconds(timeline.pre_stop.seconds)
    return f"the pre-stop hook takes {seconds} s, then " if timeline.pre_stop.seconds else ""


def _limit(timeline: Timeline) -> str:
    return format_seconds((timeline.stop.drained or 0) - timeline.stop.signalled - timeline.turn.seconds)


def _remedies(timeline: Timeline, stop: Stop, margin: int) -> Iterator[Set | Argument]:
    before, limit = format_seconds(stop.signalled + timeline.turn.seconds), _limit(timeline)
    parts = [part for part in (before, limit) if part != "0"]
    yield Set(stop.path, math.ceil((stop.drained or 0) + margin), " + ".join([*parts, f"{margin} margin"]))
    fitting = math.floor(stop.killed - stop.signalled - timeline.turn.seconds - margin)
    if timeline.drain_flag and fitting > 0:
        less = f" − {before}" if before != "0" else ""
        reason = f"{stop.grace}{less} − {margin}, if no request needs longer"
        yield Argument(f"{timeline.drain_flag} {fitting}", timeline.drain_path, reason)


def _evidence(timeline: Timeline, stop: Stop) -> tuple[Evidence, ...]:
    delay = Evidence(
        "pre-stop delay", f"{format_seconds(timeline.pre_stop.seconds)} s", timeline.pre_stop.handler or "no hook"
    )
    limit = evidence_of("graceful timeout", timeline.process.shutdown.drain, "s")
    return (delay, limit, Evidence("grace period", f"{stop.grace} s", ".".join(map(str, stop.path[-1:]))))


BAD: Final[Mapping[str, str]] = {
    "gunicorn finishes requests for 60 s inside a grace period of 30 s": """
        terminationGracePeriodSeconds: 30  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --graceful-timeout=60, "app:app"]}
    """,
    "the pre-stop delay leaves too little of the default grace period": """
        terminationGracePeriodSeconds: 30  # finding
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --graceful-timeout=25, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 10}}}
    """,
    "gunicorn's default meets Kubernetes' default": """
        # finding
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
    "a liveness probe grants less than the pod does": """
        terminationGracePeriodSeconds: 60
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          livenessProbe:
            httpGet: {path: /alive, port: 8000}
            terminationGracePeriodSeconds: 10  # finding
    """,
    "supervisord kills gunicorn after ten seconds": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [supervisord, -n, -c, /etc/shop/supervisord.conf]  # finding
          volumeMounts: [{name: config, mountPath: /etc/shop}]
        volumes: [{name: config, configMap: {name: supervisor}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: supervisor, namespace: shop}
        data:
          supervisord.conf: |
            [supervisord]
            nodaemon=true
            [program:web]
            command=gunicorn --bind 0.0.0.0:8000 --graceful-timeout 20 shop.wsgi
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "supervisord waits as long as the server": """
        terminationGracePeriodSeconds: 40
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [supervisord, -n, -c, /etc/shop/supervisord.conf]
          volumeMounts: [{name: config, mountPath: /etc/shop}]
        volumes: [{name: config, configMap: {name: supervisor}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: supervisor, namespace: shop}
        data:
          supervisord.conf: |
            [supervisord]
            nodaemon=true
            [program:web]
            command=gunicorn --bind 0.0.0.0:8000 --graceful-timeout 30 shop.wsgi
            stopwaitsecs=32
    """,
    "the grace period covers delay, drain and margin": """
        terminationGracePeriodSeconds: 47
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --graceful-timeout=30, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 15}}}
    """,
    "the server's own limit is short": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --graceful-timeout=20, "app:app"]}
    """,
}
