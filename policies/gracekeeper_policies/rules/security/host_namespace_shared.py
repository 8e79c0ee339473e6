"""The pod shares a namespace of its node.

## What it does
Finds `hostNetwork`, `hostPID` and `hostIPC` that are true, as the baseline level of the Pod Security Standards does.

## Why it matters
Each takes down a wall between the pod and its node. In the node's network the pod reaches what listens on the node's
loopback, most network plugins apply no NetworkPolicy to it, and one port fits one replica a node. Among the node's
processes it sees all of them and, as root, may kill them; in the node's IPC namespace it reads other programs' shared
memory.

## What to do
Remove the field. A Service gives a server a stable address without the node's network.
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
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",),
)
_NETWORK: Final = (
    "The pod is in its node's network: whoever takes it over reaches what listens on the node's loopback, and a "
    "second replica finds its ports taken."
)
_PROCESSES: Final = (
    "The pod is among its node's processes: whoever takes it over sees all of them with their arguments, and as root "
    "kills any of them."
)
_MEMORY: Final = (
    "The pod is in its node's IPC namespace: whoever takes it over reads the shared memory of the node's programs."
)


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the three namespaces that a pod may share."""
    pod = workload.pod
    if not (pod.host_network or pod.host_pid or pod.host_ipc):
        return
    shared = (
        ("hostNetwork", pod.host_network, _NETWORK),
        ("hostPID", pod.host_pid, _PROCESSES),
        ("hostIPC", pod.host_ipc, _MEMORY),
    )
    for field, is_shared, message in shared:
        if is_shared:
            path = (*workload.pod_path, field)
            yield Finding(path, message, (Remove(path),), evidence=(Evidence(field, "true", "the pod"),))


BAD: Final[Mapping[str, str]] = {
    "the node's network": """
        hostNetwork: true  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "the node's processes and shared memory": """
        hostPID: true  # finding
        hostIPC: true  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a pod of its own, whose containers see each other": """
        hostNetwork: false
        shareProcessNamespace: true
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
