"""The pod itself says which storage its node mounts.

## What it does
Finds volumes that are none of `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`,
`persistentVolumeClaim`, `projected` and `secret`, as the restricted level of the Pod Security Standards does. A
`hostPath` is `host-path-mounted`.

## Why it matters
The node mounts with root's power whatever server or disk the manifest names, past the classes, quotas and access modes
that administrators set for claims. Most of these types are also gone from Kubernetes, or about to go.

## What to do
Put the storage behind a PersistentVolume and claim it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",),
)
_HOST_PATH: Final = "hostPath"
_ALLOWED: Final = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def check(workload: Workload) -> Iterator[Finding]:
    """Look at each volume's source."""
    for number, volume in enumerate(workload.pod.volumes):
        sources = volume.sources
        if sources & _ALLOWED or _HOST_PATH in sources:
            continue
        kind = min(sources)
        yield Finding(
            at=(*workload.pod_path, "volumes", number, kind),
            message=f"The volume {volume.name} is {kind}: the node mounts with root's power what the manifest names, "
            "past the classes, quotas and access modes of claims.",
            remedies=(Advice("put it behind a PersistentVolume and claim it by persistentVolumeClaim"),),
            evidence=(Evidence("type", kind, f"the volume {volume.name}"),),
        )


BAD: Final[Mapping[str, str]] = {
    "a file server of the manifest's choice": """
        containers:
        - {name: web, image: "shop/web:1.4.2", volumeMounts: [{name: media, mountPath: /srv/media}]}
        volumes:
        - name: media
          nfs: {server: files.shop.example, path: /media}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a claim": """
        securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
        volumes:
        - {name: media, persistentVolumeClaim: {claimName: media}}
    """,
}
