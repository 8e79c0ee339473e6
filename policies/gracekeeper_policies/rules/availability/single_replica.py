"""A server runs once.

## What it does
Finds a server of one replica, as the manifest, an autoscaler's minimum or Kubernetes' default says. Where an autoscaler
out of sight may set the number, it is a suspicion. Workers, Jobs and DaemonSets are left alone, and servers that keep
what they show to themselves, such as flower.

## Why it matters
Each drain of its node, each eviction and each crash is an outage as long as a start.

## What to do
Run two, if the application can run twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Finding, Related, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Default, Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.pod import PodProcesses

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STANDARD, since="0.1")
_PATH: Final = ("spec", "replicas")


def check(pod: PodProcesses) -> Iterator[Finding]:
    """Look at the least number of replicas."""
    scale, scaler = pod.workload.scale, pod.workload.autoscaler
    if isinstance(scale, Unknown) or scale.value != 1 or pod.server is None or pod.server.is_alone:
        return
    path, document = pod.workload.scale_field
    least = f"{scaler.identity} lets it run as one replica" if scaler else "It runs as one replica"
    yield Finding(
        at=_PATH,
        message=f"{least}: while its node is drained or fails, nobody answers in place of {pod.server.name}.",
        remedies=(Set(path, 2, "if it can run twice", document),),
        doubt=joined(pod.server.doubt, scale.doubt if isinstance(scale, Default) else ""),
        evidence=(evidence_of("replicas", scale),),
        related=(Related(scaler.document, scaler.path, f"{scaler.identity} sets its minimum"),) if scaler else (),
    )


BAD: Final[Mapping[str, str]] = {
    "one replica": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 1  # finding
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
    "an autoscaler that goes down to one": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:  # finding
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
        ---
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web, namespace: shop}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          maxReplicas: 10
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "two replicas": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
}
