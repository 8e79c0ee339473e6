"""A probe names a port that its container does not have.

## What it does
Looks up the port names of all probes and of HTTP hooks among the ports of their own container, as the kubelet does.
The API server accepts any name there.

## Why it matters
The kubelet cannot ask, and throws the error away. A readiness probe never succeeds, a liveness probe never fires, a
startup probe lets the container never count as started; a hook fails each time.

## What to do
Declare the port under that name in the same container, or write its number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remedy, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import spoken
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")
_NAME: Final = re.compile(r"[a-z0-9-]+\Z")
_HARM: Final = {
    "livenessProbe": ("liveness probe", "it never fires, whatever happens"),
    "readinessProbe": ("readiness probe", "it never succeeds, so the pod never becomes ready"),
    "startupProbe": ("startup probe", "the container never counts as started, so the pod never becomes ready"),
    "postStart": ("postStart hook", "it fails, and the container is killed at each start"),
    "preStop": ("preStop hook", "it fails, and the container is told to stop at once"),
}


def check(process: PythonProcess) -> Iterator[Finding]:
    """Look up each name that is asked for."""
    for path, port in process.container.asked_ports:
        # What the API server would take for no name is a placeholder that something fills in later.
        if isinstance(port, str) and _NAME.match(port) and process.container.port_number(port) is None:
            yield _finding(process, path, port)


def _finding(process: PythonProcess, path: Path, name: str) -> Finding:
    asker, harm = _HARM[str(path[-3])]
    declared = ", ".join(spoken(port.name) for port in process.container.spec.ports if port.name) or "no named port"
    return Finding(
        at=path,
        message=f"The {asker} asks the port named {spoken(name)!r}, which this container does not have ({declared}): "
        f"{harm}.",
        remedies=(_remedy(process, path, name),),
        evidence=(Evidence("named ports of the container", declared, "ports"),),
    )


def _remedy(process: PythonProcess, path: Path, name: str) -> Remedy:
    if name.isdecimal():
        return Set(path, int(name), "in quotes it is a name")
    declared = next((port.name for port in process.container.spec.ports if port.name), None)
    if declared is not None:
        return Set(path, declared, "a name that the container has")
    ports = (*process.container.path, "ports", 0, "name")
    number = process.addresses.probed_port
    return Set(path, number, f"where {process.name} listens") if number else Set(ports, name, "with its containerPort")


BAD: Final[Mapping[str, str]] = {
    "the port has another name": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          ports: [{name: web, containerPort: 8000}]
          livenessProbe: {httpGet: {path: /alive, port: http}}  # finding
    """,
    "a name of another container of the pod": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          readinessProbe: {tcpSocket: {port: proxy}}  # finding
        - {name: proxy, image: "shop/proxy:2.1.0", ports: [{name: proxy, containerPort: 8080}]}
    """,
    "a hook that cannot ask": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          lifecycle: {preStop: {httpGet: {path: /drain, port: admin}}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the container's own names": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --workers=2, "app:app"]
          ports: [{name: http, containerPort: 8000}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
          livenessProbe: {httpGet: {path: /alive, port: 8000}}
    """,
}
