"""Nothing keeps a drain from taking every replica of a server.

## What it does
Finds a server of several replicas that no PodDisruptionBudget protects. While budgets may exist out of sight, it is a
suspicion.

## Why it matters
Whoever drains nodes, a person or an upgrade of the cluster, evicts all pods of a node at once, and goes on to the next
node before the evicted ones are ready elsewhere.

## What to do
Write a budget that lets one pod go at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.pod import PodProcesses

CARD: Final = Card(
    severity=Severity.NOTE,
    profile=Profile.STRICT,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/run-application/configure-pdb/",),
)


def check(pod: PodProcesses) -> Iterator[Finding]:
    """Look for a budget of a server that runs more than once."""
    workload = pod.workload
    if workload.replicas < 2 or workload.budgets or pod.server is None:  # noqa: PLR2004  # several
        return
    unseen = "" if workload.neighbours.complete else "one may exist out of sight"
    yield Finding(
        at=("spec", "replicas"),
        message=f"No PodDisruptionBudget protects its {workload.replicas} replicas: a drain may take all of them "
        "before one is ready elsewhere.",
        remedies=(Advice("write a PodDisruptionBudget with maxUnavailable: 1 that selects its pods"),),
        doubt=joined(pod.server.doubt, unseen),
        evidence=(evidence_of("replicas", workload.scale), Evidence("budgets in sight", "none", "its namespace")),
    )


BAD: Final[Mapping[str, str]] = {
    "three replicas without a budget": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3  # finding
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "one at a time": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
    """,
}
