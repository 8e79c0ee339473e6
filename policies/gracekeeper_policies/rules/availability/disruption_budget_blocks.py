"""A PodDisruptionBudget allows no eviction.

## What it does
Works out how many of a workload's pods its PodDisruptionBudget lets go, rounded as the disruption controller rounds:
`maxUnavailable: 0`, a `minAvailable` that all replicas are needed for, or neither. A second budget for the same pods
blocks too: the API server then refuses each eviction.

## Why it matters
A drain waits for ever: nodes are not upgraded until somebody deletes the pod by force, or the budget.

## What to do
Let one pod go at a time: `maxUnavailable: 1`, with two replicas or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Related, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Default, Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.neighbours import Budget
    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/run-application/configure-pdb/",),
)
_PATH: Final = ("spec", "replicas")


def check(workload: Workload) -> Iterator[Finding]:
    """Ask each budget how many of the replicas may go."""
    budgets = workload.budgets
    if not budgets or isinstance(workload.scale, Unknown) or not workload.replicas:
        return
    if len(budgets) > 1:
        yield _too_many(budgets)
    for budget in budgets:
        if not budget.evictable(workload.replicas):
            yield _blocked(workload, budget)


def _too_many(budgets: tuple[Budget, ...]) -> Finding:
    names = " and ".join(str(budget.identity) for budget in budgets)
    return Finding(
        at=_PATH,
        message=f"{names} protect the same pods: the API server refuses each eviction, and a drain waits for ever.",
        remedies=(Advice("keep one of them"),),
        evidence=(Evidence("budgets", str(len(budgets)), names),),
        related=tuple(_related(budget) for budget in budgets),
    )


def _blocked(workload: Workload, budget: Budget) -> Finding:
    # A budget that lets no pod go whatever their number needs no certainty about it.
    always = not budget.evictable(workload.replicas + 100)
    number = workload.scale.doubt if isinstance(workload.scale, Default) else ""
    others = "" if workload.has_all_pods_of(budget) else "pods of others that it selects count too"
    said = f"{budget.field}: {budget.part}" if budget.field else "neither minAvailable nor maxUnavailable"
    whom = "its only replica: a drain of that node waits for ever"
    if workload.replicas > 1:
        whom = f"any of its {workload.replicas} replicas: a drain of their nodes waits for ever"
    return Finding(
        at=_PATH,
        message=f"{budget.identity} ({said}) lets nobody evict {whom}.",
        remedies=tuple(_remedies(workload, budget)),
        doubt="" if always else joined(number, others),
        evidence=(
            evidence_of("replicas", workload.scale),
            Evidence("budget", said, str(budget.identity)),
        ),
        related=(_related(budget),),
    )


def _related(budget: Budget) -> Related:
    return Related(budget.document, ("spec", budget.field) if budget.field else ("spec",), "the budget")


def _remedies(workload: Workload, budget: Budget) -> Iterator[Remedy]:
    if workload.replicas == 1 and budget.field == "minAvailable":
        path, document = workload.scale_field
        yield Set(path, 2, "if it can run twice", document)
    if budget.field == "minAvailable":
        yield Advice("replace minAvailable by maxUnavailable: 1", str(budget.identity))
    else:
        yield Set(("spec", "maxUnavailable"), 1, str(budget.identity), budget.document)


BAD: Final[Mapping[str, str]] = {
    "all three replicas are needed": """
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
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}
    """,
    "half of one is rounded up to one": """
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
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "one may go": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, "app:app"]}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
    """,
}
