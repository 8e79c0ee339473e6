"""The pod sets a kernel parameter that Kubernetes does not count as safe.

## What it does
Finds each of the pod's `sysctls` that is not on the list which the baseline level of the Pod Security Standards allows.

## Why it matters
The kubelet refuses the pod, and it never starts, unless the node was told by name to allow the parameter. Where it was,
a setting that is not confined to the pod, or not accounted to it, can take memory and stability from its neighbours.

## What to do
Remove it. Where a server needs it, the node's administrators set it for the node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=(
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",
    ),
)
_SAFE: Final = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)


def check(workload: Workload) -> Iterator[Finding]:
    """Look at each parameter that the pod sets."""
    for number, sysctl in enumerate(workload.pod.security_context.sysctls):
        if sysctl.name not in _SAFE:
            path = (*workload.pod_path, "securityContext", "sysctls", number)
            yield Finding(
                at=path,
                message=f"A kubelet that was not told to allow {sysctl.name} refuses the pod (SysctlForbidden), and it "
                "never starts.",
                remedies=(Remove(path, name=sysctl.name),),
                evidence=(Evidence("sysctl", sysctl.name, "securityContext of the pod"),),
            )


BAD: Final[Mapping[str, str]] = {
    "a longer queue of connections": """
        securityContext:
          sysctls:
          - {name: net.core.somaxconn, value: "4096"}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a safe parameter": """
        securityContext:
          runAsNonRoot: true
          sysctls:
          - {name: net.ipv4.ip_unprivileged_port_start, value: "80"}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
