"""A Service sends to a port that no server of the pod binds.

## What it does
Follows each port of each Service in sight that selects the pod: a number is compared with what the pod's servers bind,
a name is looked up among the declared ports of all its containers. A container whose process is not known is believed
to bind what it declares.

## Why it matters
Connections are refused though every pod is ready; a name that no container declares leaves the Service without
endpoints.

## What to do
Let `targetPort` name the port that the server binds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Related, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.neighbours import Service
    from gracekeeper_policies.neighbourspec import ServicePort
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Follow the Services to the pod's first server whose addresses are known."""
    if isinstance(process.addresses.binds, Unknown) or process is not process.pod.first_known:
        return
    for service in process.container.workload.services:
        for number, port in enumerate(service.spec.ports):
            yield from _missed(process, service, number, port)


def _missed(process: PythonProcess, service: Service, number: int, port: ServicePort) -> Iterator[Finding]:
    target = port.port if port.target_port is None else port.target_port
    resolved = process.pod.declared_port(target, port.protocol) if isinstance(target, str) else target
    if port.protocol != "TCP" or isinstance(process.addresses.binds, Unknown):
        return
    if resolved is None:
        message = f"{service.identity} sends port {port.port} to a port named {target}, which no container of this pod "
        yield _finding(process, service, number, f"{message}declares: the Service has no endpoint for it.", "")
        return
    unbound = process.pod.unbound(resolved)
    if unbound is not None:
        where = ", ".join(str(bind) for bind in process.addresses.binds) or "no TCP port"
        message = f"{service.identity} sends port {port.port} to {target} of this pod, but {process.name} listens on "
        yield _finding(process, service, number, f"{message}{where}: its connections are refused.", unbound.doubt)


def _finding(process: PythonProcess, service: Service, number: int, message: str, doubt: str) -> Finding:
    binds = () if isinstance(process.addresses.binds, Unknown) else process.addresses.binds
    path = ("spec", "ports", number, "targetPort")
    return Finding(
        at=process.places.program,
        message=message,
        remedies=tuple(Set(path, bind.port, f"in {service.identity}", service.document) for bind in binds[:1]),
        doubt=doubt,
        evidence=tuple(Evidence("listens on", str(bind), bind.source) for bind in binds),
        related=(Related(service.document, path, "this is where it sends"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a name that no container declares": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=0.0.0.0:8080, "app:app"]}  # finding
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
    """,
    "the Service kept the old port": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=0.0.0.0:8080, "app:app"]}  # finding
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8000}]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the application opens a second port that the container declares": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=0.0.0.0:8000, "app:app"]
          ports: [{name: http, containerPort: 8000}, {name: metrics, containerPort: 9090}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 9090, targetPort: metrics}]}
    """,
    "the Service names the port that is bound": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=0.0.0.0:8000, "app:app"]
          ports: [{name: http, containerPort: 8000}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
    """,
    "a Service that selects other pods": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=0.0.0.0:8000, "app:app"]
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: other}, ports: [{port: 80, targetPort: 9000}]}
    """,
}
