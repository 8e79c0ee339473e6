"""More worker processes are started than the CPU limit can run.

## What it does
Compares the number of worker processes with the CPU limit of the container or its pod: more than twice the limit's CPUs
and one (a parameter; gunicorn's own advice) is too many. Threads and greenlets do not count, nor does a number that is
not known.

## Why it matters
Each process takes its memory, and when all are busy they use up the quota early in each tenth of a second: the kernel
then stops all of them for the rest of it, probes included.

## What to do
Start fewer workers, raise the limit, or use threads for work that waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Argument, Evidence, Finding, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown, joined
from gracekeeper_policies.quantity import format_cpu
from gracekeeper_policies.rule import Card, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://docs.gunicorn.org/en/stable/design.html#how-many-workers",),
)


_FIRST: Final = 1


@dataclass(frozen=True)
class Parameters:
    """What a policy may set."""

    ratio: float = parameter(2.0, "per CPU", "worker processes that one CPU of the limit runs, besides the first one")


def check(process: PythonProcess, parameters: Parameters) -> Iterator[Finding]:
    """Compare the worker processes with the CPU limit."""
    workers = process.worker_processes
    if isinstance(workers, Unknown) or not isinstance(workers.value, int) or workers.value <= _FIRST:
        return
    limit = process.container.limit("cpu")
    if not limit:
        return
    most = math.ceil(float(limit) * parameters.ratio) + _FIRST
    if workers.value > most:
        yield _finding(process, workers.value, limit, most, parameters.ratio)


def _finding(process: PythonProcess, number: int, limit: Fraction, most: int, ratio: float) -> Finding:
    workers, option = process.worker_processes, process.server.workers if process.server else ""
    path = (*process.container.path, "resources", "limits", "cpu")
    flag = process.server.option(option).flags[-1] if process.server else ""
    return Finding(
        at=path,
        message=f"{number} worker processes of {process.name} share a CPU limit of {format_cpu(limit)}: when all are "
        f"busy each has {format_cpu(limit / number)}, and the kernel stops them for the rest of each tenth of a "
        "second.",
        remedies=(
            Argument(f"{flag} {most}", getattr(workers, "path", None), f"{ratio:g} for each CPU, and one"),
            Set(path, str(math.ceil((number - 1) / ratio)), f"({number} − 1) ÷ {ratio:g}"),
        ),
        doubt=joined(process.doubt, process.setting_doubt(option)),
        evidence=(evidence_of(option, workers), Evidence("cpu limit", format_cpu(limit), "resources.limits.cpu")),
    )


BAD: Final[Mapping[str, str]] = {
    "eight workers on half a CPU": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --workers=8, "app:app"]
          resources:
            requests: {cpu: 500m}
            limits: {memory: 512Mi, cpu: 500m}  # finding
    """,
    "sixteen celery processes on one CPU": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, -c, "16"]
          resources:
            requests: {cpu: "1"}
            limits: {memory: 2Gi, cpu: "1"}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "twice the CPUs and one": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --workers=5, "app:app"]
          resources: {requests: {cpu: "2"}, limits: {memory: 512Mi, cpu: "2"}}
    """,
    "greenlets wait for others": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, --pool=gevent, -c, "100"]
          resources: {requests: {cpu: "1"}, limits: {memory: 512Mi, cpu: "1"}}
    """,
}
