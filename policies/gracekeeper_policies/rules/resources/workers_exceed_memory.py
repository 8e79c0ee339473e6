"""The workers do not fit into the memory limit even when they are empty.

## What it does
Adds the measured memory of an empty application: the first worker's proportional set size, and each further worker's.
Compares the sum with the memory limit of the container or its pod. Your application comes on top.

## Why it matters
On cgroup v2 the kernel kills every process of the container at once, the master included, without a signal to handle:
each start ends in an OOM kill.

## What to do
Raise the limit, or start fewer workers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Argument, Evidence, Finding, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.quantity import format_bytes
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")
_MEBIBYTE: Final = 1024**2
_STEP: Final = 64


def check(process: PythonProcess) -> Iterator[Finding]:
    """Compare the floor of all workers with the limit."""
    limit, floor = process.container.limit("memory"), process.memory_floor
    if limit is None or floor is None or floor.mib * _MEBIBYTE <= limit:
        return
    fitting = floor.workers_within(float(limit / _MEBIBYTE))
    path = (*process.container.path, "resources", "limits", "memory")
    enough = int(-(-floor.mib * 2 // _STEP) * _STEP)
    workers = process.setting(floor.option)
    yield Finding(
        at=path,
        message=f"{floor.workers} workers of {process.name} need at least {floor.mib:.0f} MiB before your "
        f"application is loaded, "
        f"but the limit is {format_bytes(limit)}: the kernel kills all of them at once.",
        remedies=(
            Set(path, f"{enough}Mi", "twice the floor; measure your application"),
            *(
                [Argument(f"--workers {fitting}", getattr(workers, "path", None), "the most that fit empty")]
                if fitting
                else []
            ),
        ),
        doubt=joined(process.doubt, process.setting_doubt(floor.option)),
        evidence=(
            evidence_of("workers", workers),
            Evidence(
                "memory floor", f"{floor.mib:.0f} MiB", f"measured on {process.server.label if process.server else ''}"
            ),
            Evidence("memory limit", format_bytes(Fraction(limit)), "resources.limits.memory"),
        ),
    )


BAD: Final[Mapping[str, str]] = {
    "eight uvicorn workers in 128 MiB": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, --workers=8, "app:app"]
          resources:
            requests: {cpu: 100m}
            limits: {memory: 128Mi}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "room for the workers": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, --workers=2, "app:app"]
          resources:
            requests: {cpu: 100m}
            limits: {memory: 512Mi}
    """,
}
