"""A probe starts Python, and gives it less time than it needs to start.

## What it does
Compares the timeout of an exec probe with twice (a parameter) the measured cold start of its command, stretched by the
CPU limit that it shares with the container. `celery inspect ping` takes two seconds before anybody is asked.

## Why it matters
The default timeout is one second. A probe that needs longer fails although the program is well: a readiness probe takes
the pod out of its Service, a liveness probe restarts it, most likely when the node is busy.

## What to do
Give the probe more time, ask the server itself by `httpGet`, or let the worker touch a file that `find` looks at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.exec_cost import cost_of
from gracekeeper_policies.quantity import format_cpu, format_seconds
from gracekeeper_policies.rule import Card, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from gracekeeper_policies.podspec import Probe
    from gracekeeper_policies.process.exec_cost import ExecCost
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")


@dataclass(frozen=True)
class Parameters:
    """What a policy may set."""

    factor: float = parameter(2.0, "", "how many times the measured cold start the timeout covers")


def check(process: PythonProcess, parameters: Parameters) -> Iterator[Finding]:
    """Compare each exec probe's timeout with what its command needs to start."""
    spec = process.container.spec
    probes = (spec.startup_probe, "startup"), (spec.liveness_probe, "liveness"), (spec.readiness_probe, "readiness")
    for probe, name in probes:
        if probe is not None and probe.exec is not None:
            cost = cost_of(probe.exec.command, process.environment.variables)
            cores = float(process.container.limit("cpu") or 1)
            if cost and probe.timeout_seconds < cost.seconds(cores) * parameters.factor:
                yield _finding(process, probe, name, cost, parameters.factor)


def _finding(process: PythonProcess, probe: Probe, name: str, cost: ExecCost, factor: float) -> Finding:
    limit = process.container.limit("cpu")
    needed, given = cost.seconds(float(limit or 1)), probe.timeout_seconds
    path = (*process.container.path, f"{name}Probe", "timeoutSeconds")
    fails = "it fails each time" if given < needed else "it fails whenever the node is busy"
    spoken = format_seconds(round(needed, 2))
    return Finding(
        at=path,
        message=f"The {name} probe starts {cost.name}, which takes at least {spoken} s{_at(limit)}, "
        f"and waits {given} s for it: {fails}, whatever the state of the program.",
        remedies=(
            Set(path, math.ceil(needed * factor), f"{format_seconds(factor)} × {spoken}"),
            Advice("ask the program itself, by httpGet or by a file that it touches"),
        ),
        evidence=(
            Evidence("cold start", f"{format_seconds(cost.cpu_seconds)} CPU s", f"measured: {cost.name}"),
            Evidence("probe timeout", f"{given} s", f"{name}Probe.timeoutSeconds"),
        ),
    )


def _at(limit: Fraction | None) -> str:
    return f" at a CPU limit of {format_cpu(limit)}" if limit is not None and limit < 1 else ""


BAD: Final[Mapping[str, str]] = {
    "celery is asked within the default second": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker]
          livenessProbe:  # finding
            exec: {command: [celery, -A, shop, inspect, ping]}
    """,
    "a shell asks this worker alone": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker]
          livenessProbe:
            exec: {command: [sh, -c, "celery -A shop inspect ping -d celery@$HOSTNAME | grep OK"]}
            timeoutSeconds: 1  # finding
    """,
    "Django starts on a tenth of a CPU": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "shop.wsgi"]
          resources: {requests: {cpu: 100m}, limits: {cpu: 100m, memory: 256Mi}}
          livenessProbe:
            exec: {command: [python, manage.py, check]}
            timeoutSeconds: 5  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "celery has the time it needs": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker]
          livenessProbe:
            exec: {command: [celery, -A, shop, inspect, ping]}
            periodSeconds: 30
            timeoutSeconds: 10
    """,
    "a bare interpreter starts at once": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker]
          livenessProbe:
            exec: {command: [python, -c, "import os; os.stat('/tmp/alive')"]}
    """,
    "no Python at all": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker]
          livenessProbe:
            exec: {command: [sh, -c, "find /tmp/alive -mmin -1 | grep ."]}
    """,
}
