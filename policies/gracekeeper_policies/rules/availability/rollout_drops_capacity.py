"""A rollout takes every replica down at once.

## What it does
Works out how many pods of a server may be missing during a rollout: all of them with `Recreate`, else `maxUnavailable`
rounded as Kubernetes rounds it, and one for a StatefulSet. An autoscaler in sight tells how many replicas there are at
least. Workers, Jobs, DaemonSets and Argo's Rollouts are left alone.

## Why it matters
Between the last old pod and the first new one that is ready nobody answers: each rollout is an outage as long as a
start, and one that fails goes on until somebody notices.

## What to do
Let new pods become ready before old ones go: a rolling update with `maxUnavailable: 0` and a surge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.document import render_path
from gracekeeper_policies.finding import Evidence, Finding, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Default, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.pod import PodProcesses
    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",),
)
_KINDS: Final = ("Deployment", "StatefulSet")
_STRATEGY: Final = ("spec", "strategy")


def check(pod: PodProcesses) -> Iterator[Finding]:
    """Compare what a rollout may take away with what there is."""
    workload = pod.workload
    rollout = workload.rollout if workload.kind in _KINDS else None
    if rollout is None or not workload.replicas or rollout.unavailable < workload.replicas or pod.server is None:
        return
    recreates = workload.recreates
    number = workload.scale.doubt if isinstance(workload.scale, Default) and not recreates else ""
    yield Finding(
        at=(*_STRATEGY, "type") if recreates else rollout.path,
        message=f"{_what(workload)}: while it lasts, nobody answers in place of {pod.server.name}.",
        remedies=_remedies(workload),
        doubt=joined(pod.server.doubt, number),
        evidence=(
            evidence_of("replicas", workload.scale),
            Evidence("down at once", str(rollout.unavailable), render_path(rollout.path)),
        ),
    )


def _what(workload: Workload) -> str:
    if workload.recreates:
        return "Recreate ends every old pod before the first new one starts"
    if workload.kind == "StatefulSet":
        return "A rollout ends the only replica before its successor starts"
    all_of_them = "the only replica" if workload.replicas == 1 else f"all {workload.replicas} replicas"
    return f"A rollout may take {all_of_them} down before a new pod is ready"


def _remedies(workload: Workload) -> tuple[Set, ...]:
    if workload.kind == "StatefulSet":
        path, document = workload.scale_field
        return (Set(path, 2, "if it can run twice", document),)
    if workload.recreates:
        return (Set((*_STRATEGY, "type"), "RollingUpdate", "if two versions may run side by side"),)
    surge = "new pods are ready before old ones go"
    path = (*_STRATEGY, "rollingUpdate", "maxUnavailable")
    if workload.rollout is not None and not workload.rollout.surge:
        surge = f"with maxSurge: 1, so that {surge}"
    return (Set(path, 0, surge),)


BAD: Final[Mapping[str, str]] = {
    "all old pods go first": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3
          strategy: {type: Recreate}  # finding
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
    "one may be missing, and there is only one": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 1
          strategy:
            rollingUpdate: {maxUnavailable: 1}  # finding
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "new pods first": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 2
          strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
    "a worker": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: worker, namespace: shop}
        spec:
          replicas: 1
          strategy: {type: Recreate}
          selector: {matchLabels: {app: worker}}
          template:
            metadata: {labels: {app: worker}}
            spec:
              containers:
              - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker]}
    """,
}
