"""The server listens on an address that only its own pod can reach.

## What it does
Finds a server that binds nothing but 127.0.0.1, ::1 or localhost, be it by its options or by its default. A server
behind a proxy in the same pod may do so, unless a probe or a Service asks it directly.

## Why it matters
Probes and Services come to the pod's own address, where nobody listens: the pod never becomes ready, or gets no
traffic.

## What to do
Bind 0.0.0.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Argument, Finding, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Known, Unknown
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.binding import Bind
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Look at all addresses the server binds."""
    binds = process.addresses.binds
    if isinstance(binds, Unknown) or not binds or not all(bind.is_loopback for bind in binds):
        return
    if _behind_a_proxy(process, binds):
        return
    bind = binds[0]
    yield Finding(
        at=bind.path or process.places.program,
        message=f"{process.name} listens on {bind}{_by_default(bind)}: probes and Services come to the pod's own "
        "address, where nobody answers.",
        remedies=(Argument(process.addresses.argument("0.0.0.0", bind.port), bind.path),),
        doubt=process.addresses.doubt,
        evidence=(evidence_of("listens on", Known(str(bind), bind.source)),),
    )


def _by_default(bind: Bind) -> str:
    return ", its default" if bind.source.startswith("default of") else ""


def _behind_a_proxy(process: PythonProcess, binds: tuple[Bind, ...]) -> bool:
    # A neighbour in the pod reaches 127.0.0.1; it is the way in unless the server itself is asked from outside.
    ports = {bind.port for bind in binds}
    container = process.container
    probes = (container.spec.readiness_probe, container.spec.liveness_probe, container.spec.startup_probe)
    asked = {container.port_number(probe.port) for probe in probes if probe is not None and probe.port is not None}
    return process.addresses.are_behind_a_proxy and not ports & asked


BAD: Final[Mapping[str, str]] = {
    "uvicorn by default": """
        containers:
        - {name: api, image: "shop/api:1.4.2", command: [uvicorn, "app:app"]}  # finding
    """,
    "localhost by flag": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind, "localhost:8000", "app:app"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "all addresses": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
    """,
    "a proxy in the same pod is the way in": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=127.0.0.1:8000, "app:app"]
          readinessProbe: {exec: {command: [test, -e, /tmp/ready]}}
        - {name: proxy, image: "shop/proxy:2.1.0", ports: [{containerPort: 8080}]}
    """,
}
