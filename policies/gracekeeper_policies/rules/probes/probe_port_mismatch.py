"""A probe asks a port that nobody in the pod binds.

## What it does
Compares the port of each probe with the addresses that the pod's servers bind, as their options and defaults say.
Silent where a container whose process is not known declares that port; suspected where there is such a container but
it does not.

## Why it matters
A readiness probe that nobody answers keeps the pod out of its Service for ever; a liveness probe restarts it for ever.

## What to do
Let the probe ask the port that the server binds, or let the server bind the port that is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.podspec import Probe
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Ask for each probe whether anybody binds its port."""
    if isinstance(process.addresses.binds, Unknown):
        return
    spec = process.container.spec
    probes = {
        "readinessProbe": spec.readiness_probe,
        "livenessProbe": spec.liveness_probe,
        "startupProbe": spec.startup_probe,
    }
    for name, probe in probes.items():
        port = _port(process, probe)
        unbound = process.pod.unbound(port) if port is not None else None
        if probe is not None and port is not None and unbound is not None:
            yield _finding(process, name, probe, port, unbound.doubt)


def _port(process: PythonProcess, probe: Probe | None) -> int | None:
    # A probe with a host leaves the pod: what answers there is not this pod's.
    if (
        probe is None
        or probe.port is None
        or (probe.http_get and probe.http_get.host)
        or (probe.tcp_socket and probe.tcp_socket.host)
    ):
        return None
    return process.container.port_number(probe.port)


def _finding(process: PythonProcess, name: str, probe: Probe, port: int, doubt: str) -> Finding:
    binds = () if isinstance(process.addresses.binds, Unknown) else process.addresses.binds
    where = ", ".join(str(bind) for bind in binds) or "no TCP port"
    path = (*process.container.path, name, probe.handler, "port")
    harm = {
        "readinessProbe": "the pod never becomes ready",
        "livenessProbe": "the container is restarted again and again",
    }
    return Finding(
        at=path,
        message=f"The {name.removesuffix('Probe')} probe asks port {port}, but {process.name} listens on {where}: "
        f"{harm.get(name, 'the container never counts as started and is restarted')}.",
        remedies=tuple(Set(path, bind.port, f"where {process.name} listens") for bind in binds[:1]),
        doubt=doubt,
        evidence=tuple(Evidence("listens on", str(bind), bind.source) for bind in binds),
    )


BAD: Final[Mapping[str, str]] = {
    "the probe asks the old port": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=0.0.0.0:8080, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}  # finding
    """,
    "a named port leads to a number nobody binds": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, --port=9000, "app:app"]
          ports: [{name: http, containerPort: 8000}]
          readinessProbe: {httpGet: {path: /ready, port: http}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the port that is bound": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, "app:app"]
          env: [{name: PORT, value: "8080"}]
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
    """,
    "a proxy in the same pod answers": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
        - {name: proxy, image: "shop/proxy:2.1.0", ports: [{containerPort: 8080}]}
    """,
}
