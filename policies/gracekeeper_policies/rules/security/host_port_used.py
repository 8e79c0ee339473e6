"""A container takes a port of its node.

## What it does
Finds `hostPort`, as the baseline level of the Pod Security Standards does. In a pod with `hostNetwork` every port is
the node's anyway and Kubernetes fills the field in: there `host-namespace-shared` speaks, not this rule.

## Why it matters
The port is open on the node's own addresses, past Services and whatever guards them. And one node has it once: a second
replica stays Pending where no node has the port free, and so does the new pod of a rolling update.

## What to do
Remove `hostPort`; a Service reaches the container's port on any node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",),
)


def check(container: Container) -> Iterator[Finding]:
    """Look at each declared port."""
    if container.pod.host_network:
        return
    for number, port in enumerate(container.spec.ports):
        if port.host_port:
            path = (*container.path, "ports", number, "hostPort")
            yield Finding(
                at=path,
                message=f"It takes port {port.host_port} of its node: the port is open on the node's own addresses, "
                "and a second pod that asks for it stays Pending unless another node has it free.",
                remedies=(Remove(path, f"a Service reaches port {port.container_port} without it"),),
                evidence=(Evidence("hostPort", str(port.host_port), f"port {port.container_port}"),),
            )


BAD: Final[Mapping[str, str]] = {
    "one of two ports": """
        containers:
        - name: web
          image: shop/web:1.4.2
          ports:
          - {containerPort: 9090}
          - containerPort: 8000
            hostPort: 80  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a port of the pod's own": """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2", ports: [{containerPort: 8000, hostPort: 0}]}
    """,
}
