"""A volume is a file or a folder of the node.

## What it does
Finds `hostPath` volumes, as the baseline level of the Pod Security Standards does; mounting one read-only does not
change that.

## Why it matters
Whoever takes over the pod reads the node's files there, and writes them where the mount allows it: a container
runtime's socket, the kubelet's folder or `/` is the node itself. And the data stays behind on the node: the same pod
elsewhere finds nothing, or another pod's leavings.

## What to do
Claim storage by a PersistentVolumeClaim, or use an `emptyDir` for what may end with the pod.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Remove, Severity
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
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
    ),
)
_RUNTIME_SOCKETS: Final = ("docker.sock", "containerd.sock", "crio.sock")
_OF_DAEMONS: Final = ("/run/", "/var/run/")
_NODES_OWN: Final = ("/", "/etc", "/root", "/var", "/var/run", "/run", "/var/lib", "/var/lib/kubelet")


def check(workload: Workload) -> Iterator[Finding]:
    """Look at each volume's source."""
    for number, volume in enumerate(workload.pod.volumes):
        if volume.host_path is not None:
            path, source = (*workload.pod_path, "volumes", number, "hostPath"), volume.host_path.path
            yield Finding(
                at=path,
                message=f"The volume {volume.name} is {source} of the node: {_harm(source)}",
                remedies=(
                    Advice(_instead(source)),
                    Remove(path, "the volume is an emptyDir then, and its data ends with the pod"),
                ),
                evidence=(Evidence("hostPath", source, f"the volume {volume.name}"),),
            )


def _instead(path: str) -> str:
    if path.endswith(".sock") or path.startswith(_OF_DAEMONS):
        return "reach what listens there over the network, through a Service"
    return "keep the data behind a persistentVolumeClaim"


def _harm(path: str) -> str:
    if path.endswith(_RUNTIME_SOCKETS):
        return "whoever reaches that socket starts a privileged container and owns the node."
    if (path.rstrip("/") or "/") in _NODES_OWN:
        return "whoever takes over the pod finds the node's credentials or its runtime's socket there."
    return "whoever takes over the pod has the node's files there, and on another node the pod finds other ones."


BAD: Final[Mapping[str, str]] = {
    "data on the node's disk": """
        containers:
        - {name: web, image: "shop/web:1.4.2", volumeMounts: [{name: media, mountPath: /srv/media}]}
        volumes:
        - name: media
          hostPath: {path: /srv/media}  # finding
    """,
    "the container runtime's socket": """
        containers:
        - {name: runner, image: "shop/runner:2.0.0", volumeMounts: [{name: docker, mountPath: /var/run/docker.sock}]}
        volumes:
        - name: docker
          hostPath: {path: /var/run/docker.sock, type: Socket}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a claim and a folder that ends with the pod": """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
        volumes:
        - {name: media, persistentVolumeClaim: {claimName: media}}
        - {name: tmp, emptyDir: {}}
    """,
}
