"""The pod is given no time to stop.

## What it does
Finds a pod-level `terminationGracePeriodSeconds` of 0 or less.

## Why it matters
SIGKILL comes two seconds after SIGTERM. With 0 the object is also gone from the API at once while the old process still
runs, so a StatefulSet may run the same identity twice.

## What to do
Give the pod the time that the slowest of its containers needs to finish; 30 s is Kubernetes' default.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card
from gracekeeper_policies.timeline import timelines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.pod import PodProcesses

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")
_KUBERNETES_DEFAULT: Final = 30
_MARGIN: Final = 2


def check(pod: PodProcesses) -> Iterator[Finding]:
    """Look at the pod's own grace period."""
    grace = pod.workload.pod.termination_grace_period_seconds
    if grace >= 1:
        return
    path = (*pod.workload.pod_path, "terminationGracePeriodSeconds")
    gone = " The object is gone from the API at once, while the old process still runs." if grace == 0 else ""
    yield Finding(
        at=path,
        message=f"With a grace period of {grace} s every container is killed two seconds after SIGTERM.{gone}",
        remedies=(_remedy(path, pod),),
        evidence=(Evidence("grace period", f"{grace} s", "terminationGracePeriodSeconds"),),
    )


def _remedy(path: Path, pod: PodProcesses) -> Set:
    needed, name = max(((each.needed or 0.0, each.program_name) for each in timelines_of(pod)), default=(0.0, ""))
    enough = math.ceil(needed + _MARGIN)
    if enough <= _KUBERNETES_DEFAULT:
        return Set(path, _KUBERNETES_DEFAULT, "Kubernetes' default; more if the server needs longer")
    return Set(path, enough, f"{name} needs up to {format_seconds(needed)} s, {_MARGIN} margin")


BAD: Final[Mapping[str, str]] = {
    "a grace period of 0": """
        terminationGracePeriodSeconds: 0  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
    "a negative grace period, which the API server accepts": """
        terminationGracePeriodSeconds: -5  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "time to finish": """
        terminationGracePeriodSeconds: 40
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, "app:app"]}
    """,
}
