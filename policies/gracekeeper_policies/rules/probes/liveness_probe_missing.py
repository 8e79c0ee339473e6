"""A server that hangs is never restarted.

## What it does
Finds a server of requests without a liveness probe. Workers, Jobs and init containers are left alone.

## Why it matters
A process that has ended is started again, but one that has only stopped answering is not: after a deadlock or with an
exhausted pool it keeps its replica, and readiness alone keeps it out of its Service for as long as it lives.

## What to do
Give the server a liveness probe that asks the process alone, not its database or its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STANDARD, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Look for a liveness probe that asks something."""
    probe = process.container.spec.liveness_probe
    if (probe is not None and probe.handler) or process.container.workload.is_job or not process.serves_requests:
        return
    yield Finding(
        at=(*process.container.path, "livenessProbe"),
        message=f"{process.name} has no liveness probe: where it stops answering without ending, Kubernetes never "
        "restarts it.",
        remedies=(_remedy(process),),
        doubt=process.doubt,
        evidence=(
            Evidence("liveness probe", "none", "livenessProbe"),
            Evidence("server", process.name, process.places.program_source),
        ),
    )


def _remedy(process: PythonProcess) -> Set | Advice:
    port = process.addresses.probed_port
    if port is None:
        return Advice("write a livenessProbe that asks the server, and nothing behind it")
    path = (*process.container.path, "livenessProbe", "httpGet", "port")
    return Set(path, port, "with a path that touches no dependency")


BAD: Final[Mapping[str, str]] = {
    "readiness alone restarts nothing": """
        containers:
        - name: web  # finding
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a liveness probe": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --workers=2, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}
    """,
    "a worker": """
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker]}
    """,
}
