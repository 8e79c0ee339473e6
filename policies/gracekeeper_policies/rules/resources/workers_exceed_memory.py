"""The workers do not fit into the memory limit even when they are empty.

## What it does
Adds the measured memory of an empty application that the kernel cannot take back: the first worker's, and each further
worker's. Compares the sum with the memory limit of the container or its pod. Your application comes on top.

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

    from gracekeeper_policies.process.memory import MemoryFloorOfWorkers
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")
_MEBIBYTE: Final = 1024**2
_STEP: Final = 64


def check(process: PythonProcess) -> Iterator[Finding]:
    """Compare the floor of all workers with the limit."""
    floor, server = process.memory_floor, process.server
    if floor is None or server is None:
        return
    limit = process.container.limit("memory")
    if limit is None or floor.mib * _MEBIBYTE <= limit:
        return
    path = (*process.container.path, "resources", "limits", "memory")
    enough = int(-(-floor.mib * 2 // _STEP) * _STEP)
    yield Finding(
        at=path,
        message=f"{_who(process, floor)} at least {floor.mib:.0f} MiB before your application is loaded, but the limit "
        f"is {format_bytes(limit)}: the kernel kills {'it' if floor.workers == 1 else 'all of them'} at each start.",
        remedies=(
            Set(path, f"{enough}Mi", "twice the floor; measure your application"),
            *_fewer(process, floor, float(limit / _MEBIBYTE)),
        ),
        doubt=joined(process.doubt, process.setting_doubt(floor.option)),
        evidence=(
            *([evidence_of(floor.option, process.setting(floor.option))] if floor.option else []),
            Evidence("memory floor", f"{floor.mib:.0f} MiB", f"measured on {server.label}"),
            Evidence("memory limit", format_bytes(Fraction(limit)), "resources.limits.memory"),
        ),
    )


def _who(process: PythonProcess, floor: MemoryFloorOfWorkers) -> str:
    return f"{process.name} needs" if floor.workers == 1 else f"{floor.workers} workers of {process.name} need"


def _fewer(process: PythonProcess, floor: MemoryFloorOfWorkers, mib: float) -> Iterator[Argument]:
    fitting = floor.workers_within(mib)
    if process.server and floor.option and fitting:
        workers, flag = process.setting(floor.option), process.server.option(floor.option).flags[-1]
        yield Argument(f"{flag} {fitting}", getattr(workers, "path", None), "the most that fit empty")


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
    "sixteen processes of a celery worker in 96 MiB": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, --concurrency=16]
          resources:
            requests: {cpu: 100m}
            limits: {memory: 96Mi}  # finding
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
    "greenlets need next to nothing": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, --concurrency=500, --pool=gevent]
          resources:
            requests: {cpu: 100m}
            limits: {memory: 96Mi}
    """,
}
