"""The pre-stop hook alone uses up the grace period.

## What it does
Compares the certain length of the pre-stop hook with the grace period: the pod's, or that of a probe which sets its
own.

## Why it matters
When the grace period ends the kubelet stops waiting for the hook and sends the stop signal with two seconds left: the
server stops as if it had no grace period at all.

## What to do
Make the grace period longer than the delay plus what the server needs, or the delay shorter.
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

    from gracekeeper_policies.timeline import Stop, Timeline

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1", drawing=Drawing.SHUTDOWN)
_KUBERNETES_DEFAULT: Final = 30


def check(timeline: Timeline) -> Iterator[Finding]:
    """Compare the hook with the grace period of each way in which the container is stopped."""
    given = timeline.container.workload.pod.termination_grace_period_seconds >= 1
    for stop in timeline.stops:
        # A pod that is given no time at all is another rule's.
        if timeline.pre_stop.seconds >= stop.grace and (given or stop is not timeline.stop):
            yield _finding(timeline, stop)


def _finding(timeline: Timeline, stop: Stop) -> Finding:
    delay = timeline.pre_stop.seconds
    lasts = "never ends: it takes all" if math.isinf(delay) else f"takes {format_seconds(delay)} s"
    return Finding(
        at=stop.path,
        message=f"The pre-stop hook {lasts} of a grace period of {stop.grace} s: "
        f"{timeline.program_name} is told to stop only then and is killed {format_seconds(stop.budget)} s later.",
        remedies=(_remedy(stop, delay),),
        evidence=(
            Evidence("pre-stop delay", f"{format_seconds(delay)} s", timeline.pre_stop.handler),
            Evidence("grace period", f"{stop.grace} s", "terminationGracePeriodSeconds"),
        ),
    )


def _remedy(stop: Stop, delay: float) -> Set | Advice:
    if math.isinf(delay):
        return Advice("let the pre-stop hook sleep for a few seconds only")
    needed = stop.drained - stop.signalled if stop.drained else _KUBERNETES_DEFAULT
    reason = f"{format_seconds(delay)} + {format_seconds(needed)} + 2 margin"
    return Set(stop.path, math.ceil(delay + needed + 2), reason)


BAD: Final[Mapping[str, str]] = {
    "the hook sleeps as long as the pod may live": """
        terminationGracePeriodSeconds: 30  # finding
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          lifecycle: {preStop: {exec: {command: [sleep, "30"]}}}
    """,
    "a shell sleeps past the default grace period": """
        # finding
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 20; sleep 20"]}}}
    """,
    "a probe grants less than the hook takes": """
        terminationGracePeriodSeconds: 60
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
          livenessProbe:
            httpGet: {path: /alive, port: 8000}
            terminationGracePeriodSeconds: 3  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the delay leaves time": """
        terminationGracePeriodSeconds: 47
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          lifecycle: {preStop: {exec: {command: [sleep, "15"]}}}
    """,
}
