"""A server gets traffic before it listens.

## What it does
Finds a server of requests without a readiness probe, unless a startup probe holds the pod back until it answers.
Workers, Jobs and init containers get no traffic and need none.

## Why it matters
Without a readiness probe Kubernetes believes a container as soon as its process has started. At every rollout and every
restart requests are sent to a server that still imports its application.

## What to do
Give the server a readiness probe on a port it binds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Look for any probe that holds traffic back from a server."""
    spec, workload = process.container.spec, process.container.workload
    held_back = any(probe is not None and probe.handler for probe in (spec.readiness_probe, spec.startup_probe))
    unserved = workload.is_job or (workload.neighbours.complete and not workload.services)
    if not process.serves_requests or held_back or unserved or process.addresses.are_behind_a_proxy:
        return
    yield Finding(
        at=(*process.container.path, "readinessProbe"),
        message=f"{process.name} has no readiness probe: Kubernetes sends it traffic as soon as its process has "
        f"started, before "
        "it listens.",
        remedies=(_remedy(process),),
        doubt=process.doubt,
        evidence=(
            Evidence("readiness probe", "none", "readinessProbe"),
            Evidence("server", process.name, process.places.program_source),
        ),
    )


def _remedy(process: PythonProcess) -> Set | Advice:
    port = process.addresses.probed_port
    if port is None:
        return Advice("write a readinessProbe that asks the server")
    path = (*process.container.path, "readinessProbe", "httpGet", "port")
    return Set(path, port, "with a path that answers once the application is loaded")


BAD: Final[Mapping[str, str]] = {
    "a server without any probe": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, "app:app"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a readiness probe": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}
    """,
    "only the proxy beside it is reached": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=unix:/run/web.sock, "app:app"]}
        - {name: proxy, image: "shop/proxy:2.1.0", ports: [{containerPort: 8080}]}
    """,
    "a worker": """
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker]}
    """,
}
