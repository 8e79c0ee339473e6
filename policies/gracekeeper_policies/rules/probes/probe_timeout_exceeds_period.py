"""A probe waits longer for its answer than until its next turn.

## What it does
Finds a probe whose `timeoutSeconds` is larger than its `periodSeconds`, defaults filled in.

## Why it matters
Probes of one kind never overlap. While one waits, the next turn passes: a server that does not answer is asked once per
timeout, not once per period, and the failure is noticed later than the manifest reads.

## What to do
Let the timeout be at most the period, or write the period that is kept anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.podspec import Probe
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STRICT, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Compare the two numbers of each probe."""
    for name, probe in process.container.spec.probes:
        if probe.timeout_seconds > probe.period_seconds:
            yield _finding(process, name, probe)


def _finding(process: PythonProcess, name: str, probe: Probe) -> Finding:
    path, timeout, period = (*process.container.path, name), probe.timeout_seconds, probe.period_seconds
    many = f", and {probe.failure_threshold} failures take {probe.failure_threshold * timeout} s"
    return Finding(
        at=(*path, "timeoutSeconds"),
        message=f"The {name.removesuffix('Probe')} probe is due every {period} s but waits {timeout} s for an answer: "
        f"probes never overlap, so a container that does not answer is asked every {timeout} s"
        f"{many if probe.failure_threshold > 1 else ''}.",
        remedies=(
            Set((*path, "timeoutSeconds"), period, "ends before the next one is due"),
            Set((*path, "periodSeconds"), timeout, "what is kept anyway"),
        ),
        evidence=(
            Evidence("timeout", f"{timeout} s", "timeoutSeconds"),
            Evidence("period", f"{period} s", "periodSeconds"),
        ),
    )


BAD: Final[Mapping[str, str]] = {
    "a patient probe in a hurry": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          livenessProbe:
            httpGet: {path: /alive, port: 8000}
            periodSeconds: 5
            timeoutSeconds: 30  # finding
    """,
    "longer than the default period of 10 s": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}, timeoutSeconds: 15}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the answer comes before the next turn": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --workers=2, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}, periodSeconds: 5, timeoutSeconds: 5}
          livenessProbe: {httpGet: {path: /alive, port: 8000}, timeoutSeconds: 3}
    """,
}
