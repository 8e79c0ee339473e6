"""A Job may run for ever.

## What it does
Finds a Job, or a CronJob's Job, without `activeDeadlineSeconds`, its own or its pod template's. What a CronJob does
with a run that hangs (`concurrencyPolicy`) is told with it; a run that the next one replaces is left alone.

## Why it matters
A task that waits for a lock or a lost connection keeps its resources until somebody notices. Under `Allow`, which is
the default, the next run starts beside it and the next beside both; under `Forbid` no run starts any more, in silence.

## What to do
Give it a deadline well above its longest run; Kubernetes stops it there, with the pod's own grace period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",),
)
_HOUR: Final = 3600
_STORIES: Final = {
    "Allow": "a run that hangs goes on, and each later run starts beside it",
    "Forbid": "a run that hangs goes on, and no later run starts while it does",
}


def check(workload: Workload) -> Iterator[Finding]:
    """Look for a deadline of the Job or of its pods, or for a next run that replaces the one before."""
    story = _story(workload)
    if story is None or workload.job_deadline is not None:
        return
    path = (*workload.template[:-1], "activeDeadlineSeconds")
    start, spoken = (_HOUR, "an hour") if workload.kind == "CronJob" else (24 * _HOUR, "a day")
    yield Finding(
        at=path,
        message=f"Nothing ends it: {story}.",
        remedies=(Set(path, start, f"{spoken}; correct it to twice its longest run"),),
        evidence=(Evidence("activeDeadlineSeconds", "none", "the Job and its pod template"),),
    )


def _story(workload: Workload) -> str | None:
    if workload.kind == "Job":
        return "where its task hangs, it holds its resources until somebody notices"
    return _STORIES.get(workload.controller.concurrency_policy) if workload.kind == "CronJob" else None


BAD: Final[Mapping[str, str]] = {
    "runs that pile up": """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: report, namespace: shop}
        spec:
          schedule: "*/10 * * * *"
          jobTemplate:
            spec:  # finding
              template:
                spec:
                  restartPolicy: Never
                  containers:
                  - {name: report, image: "shop/web:1.4.2", command: [python, report.py]}
    """,
    "a Job that may wait for ever": """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: import, namespace: shop}
        spec:  # finding
          template:
            spec:
              restartPolicy: OnFailure
              containers:
              - {name: import, image: "shop/web:1.4.2", command: [python, import.py]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a deadline above the longest run": """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: report, namespace: shop}
        spec:
          schedule: "*/10 * * * *"
          concurrencyPolicy: Forbid
          jobTemplate:
            spec:
              activeDeadlineSeconds: 900
              template:
                spec:
                  restartPolicy: Never
                  containers:
                  - {name: report, image: "shop/web:1.4.2", command: [python, report.py]}
    """,
    "the deadline of each pod": """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: import, namespace: shop}
        spec:
          template:
            spec:
              restartPolicy: OnFailure
              activeDeadlineSeconds: 600
              containers:
              - {name: import, image: "shop/web:1.4.2", command: [python, import.py]}
    """,
}
