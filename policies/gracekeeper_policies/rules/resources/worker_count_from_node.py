"""The number of worker processes is counted from the node's CPUs, not from the container's.

## What it does
Finds worker counts that come from the machine: the default of celery and dramatiq, `$(nproc)` in a script,
`cpu_count()` in a configuration file of the same input. None of them looks at the container's CPU limit.

## Why it matters
On a node with 64 CPUs a container with a limit of half a CPU starts 64 processes: their memory exceeds the limit, and
all of them share one half. The same manifest behaves differently on each node it lands on.

## What to do
Write the number that suits the container's own CPU and memory.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.provenance import Default, Unknown, joined
from gracekeeper_policies.quantity import format_cpu
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_OVERRIDE: Final = "PYTHON_CPU_COUNT"


def check(process: PythonProcess) -> Iterator[Finding]:
    """See whether the worker count is the node's CPU count."""
    workers = process.worker_processes
    if isinstance(workers, Unknown) or workers.value != NODE_CPUS or process.server is None:
        return
    # CPython 3.13 reads it instead of counting.
    if process.environment.variables.get(_OVERRIDE) is not None:
        return
    limit = process.container.limit("cpu")
    share = f"all share its limit of {format_cpu(limit)}" if limit else "each takes its memory"
    yield Finding(
        at=getattr(workers, "path", None) or process.places.program,
        message=f"{process.name} starts as many processes as the node's CPUs say ({workers.source}), whatever the "
        f"container may use: on a node with 64 CPUs that is 64 or more, and {share}.",
        remedies=tuple(_remedies(process)),
        doubt=joined(process.doubt, workers.doubt if isinstance(workers, Default) else ""),
        evidence=(
            evidence_of(process.server.workers, workers),
            Evidence("cpu limit", format_cpu(limit) if limit else "none", "resources.limits.cpu"),
        ),
    )


def _remedies(process: PythonProcess) -> Iterator[Remedy]:
    if process.server is None:
        return
    flag = process.server.option(process.server.workers).flags[-1]
    cores = process.container.limit("cpu") or process.container.request("cpu")
    if cores:
        path = getattr(process.worker_processes, "path", None)
        number = math.ceil(cores)
        yield Argument(f"{flag} {number}", path, "one for each CPU of the container")
    else:
        yield Advice(f"set {flag} to what the container's CPU and memory allow")


BAD: Final[Mapping[str, str]] = {
    "celery by default": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker]  # finding
          resources: {requests: {cpu: 500m}, limits: {cpu: 500m, memory: 512Mi}}
    """,
    "a script counts": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [sh, -c, "exec gunicorn --bind :8000 --workers $(( 2 * $(nproc) + 1 )) app:app"]  # finding
          resources: {requests: {cpu: 500m}, limits: {memory: 512Mi}}
    """,
    "the configuration file counts": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --config=/etc/gunicorn/gunicorn.conf.py, "app:app"]  # finding
          resources: {requests: {cpu: 500m}, limits: {memory: 512Mi}}
          volumeMounts: [{name: config, mountPath: /etc/gunicorn}]
        volumes: [{name: config, configMap: {name: gunicorn}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: gunicorn, namespace: shop}
        data:
          gunicorn.conf.py: |
            import multiprocessing

            workers = multiprocessing.cpu_count() * 2 + 1
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a number": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, --concurrency=2]
          resources: {requests: {cpu: "1"}, limits: {cpu: "1", memory: 512Mi}}
    """,
    "celery counts what the container may use": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, --concurrency=auto]
          resources: {requests: {cpu: "1"}, limits: {cpu: "1", memory: 512Mi}}
    """,
}
