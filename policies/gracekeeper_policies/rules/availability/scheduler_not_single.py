"""Two schedulers live at once, and each sends every task.

## What it does
Finds a scheduler that takes no lock (celery beat, `celery worker --beat`, huey's periodic tasks) with more than one
replica, or with a rollout that starts the new pod before the old one is gone. RedBeat, RQ and arq take a lock; of a
scheduler class that is not known nothing is claimed.

## Why it matters
No scheduler knows of the other one: each sends every task whose time has come, so mails go out twice and invoices are
written twice. With a rolling update that happens at each rollout, for as long as both pods live.

## What to do
One replica, and `strategy: {type: Recreate}`: the old pod is gone before the new one starts. Or a scheduler that takes
a lock, such as RedBeat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.document import render_path
from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.server import Purpose
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.scheduling import Scheduler
    from gracekeeper_policies.rollout import Rollout

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html",),
)
_REPLICAS: Final = ("spec", "replicas")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Count the schedulers that live at once, for good and during a rollout."""
    if not process.schedulers:
        return
    workload = process.container.workload
    for scheduler in process.schedulers:
        if workload.replicas > 1:
            yield _several(process, scheduler)
        elif workload.kind == "DaemonSet":
            yield _on_each_node(process, scheduler)
        # What may have nothing to send is no reason to stop all its tasks at each rollout.
        elif workload.rollout and workload.rollout.surge and workload.replicas and not scheduler.idle:
            yield _rolled(process, scheduler, workload.rollout)


def _several(process: PythonProcess, scheduler: Scheduler) -> Finding:
    replicas = process.container.workload.replicas
    times = "twice" if replicas == 2 else f"{replicas} times"  # noqa: PLR2004
    return Finding(
        at=_REPLICAS,
        message=f"{replicas} replicas of {scheduler.name} run, and each sends every task when its time has come: "
        f"each task runs {times}.",
        remedies=tuple(_single(process)),
        doubt=joined(process.doubt, scheduler.doubt, scheduler.idle),
        evidence=(Evidence("replicas", str(replicas), "spec.replicas"),),
    )


def _single(process: PythonProcess) -> Iterator[Remedy]:
    switch = process.server.schedule.turned_off if process.server and process.server.schedule else ""
    if process.server is not None and switch:
        yield Advice(f"start all but one with {process.server.option(switch).flags[-1]}")
        return
    if process.server is not None and process.server.purpose is Purpose.SCHEDULE:
        yield Set(_REPLICAS, 1)
    else:
        yield Advice("run the scheduler in a Deployment of its own, with one replica and strategy Recreate")
    yield Advice("use a scheduler that takes a lock, such as RedBeat")


def _on_each_node(process: PythonProcess, scheduler: Scheduler) -> Finding:
    return Finding(
        at=("spec", "template"),
        message=f"A DaemonSet runs {scheduler.name} once on every node, and each sends every task when its time has "
        "come.",
        remedies=(Advice("run it in a Deployment with one replica and strategy Recreate"),),
        doubt=joined(process.doubt, scheduler.doubt, scheduler.idle, "its nodes may be a single one"),
        evidence=(Evidence("replicas", "one per node", "kind DaemonSet"),),
    )


def _rolled(process: PythonProcess, scheduler: Scheduler, rollout: Rollout) -> Finding:
    workload = process.container.workload
    return Finding(
        at=rollout.path,
        message=f"At each rollout the new pod with {scheduler.name} starts before the old one is gone (surge "
        f"{rollout.surge}): a task whose time comes meanwhile is sent twice.",
        remedies=tuple(_one_after_the_other(workload.kind)),
        doubt=joined(process.doubt, scheduler.doubt),
        evidence=(
            Evidence("surge", str(rollout.surge), render_path(rollout.path)),
            Evidence("replicas", str(workload.replicas), "spec.replicas"),
        ),
    )


def _one_after_the_other(kind: str) -> Iterator[Remedy]:
    if kind != "Deployment":
        yield Advice("use a canary with maxSurge 0 and maxUnavailable 1")
        return
    yield Set(("spec", "strategy", "type"), "Recreate", "without rollingUpdate beside it")
    yield Advice("use a scheduler that takes a lock, such as RedBeat")


BAD: Final[Mapping[str, str]] = {
    "two replicas": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: beat, namespace: shop}
        spec:
          replicas: 2  # finding
          strategy: {type: Recreate}
          selector: {matchLabels: {app: beat}}
          template:
            metadata: {labels: {app: beat}}
            spec:
              containers:
              - {name: beat, image: "shop/worker:1.4.2", command: [celery, -A, shop, beat]}
    """,
    "a rolling update, as is the default": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: beat, namespace: shop}
        spec:
          # finding
          replicas: 1
          selector: {matchLabels: {app: beat}}
          template:
            metadata: {labels: {app: beat}}
            spec:
              containers:
              - {name: beat, image: "shop/worker:1.4.2", command: [celery, -A, shop, beat]}
    """,
    "every worker schedules too": """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: worker, namespace: shop}
        spec:
          replicas: 3  # finding
          selector: {matchLabels: {app: worker}}
          template:
            metadata: {labels: {app: worker}}
            spec:
              containers:
              - {name: worker, image: "shop/worker:1.4.2", command: [celery, -A, shop, worker, --beat]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the old one is gone first": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: beat, namespace: shop}
        spec:
          replicas: 1
          strategy: {type: Recreate}
          selector: {matchLabels: {app: beat}}
          template:
            metadata: {labels: {app: beat}}
            spec:
              containers:
              - {name: beat, image: "shop/worker:1.4.2", command: [celery, -A, shop, beat]}
    """,
    "no surge": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: beat, namespace: shop}
        spec:
          replicas: 1
          strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}
          selector: {matchLabels: {app: beat}}
          template:
            metadata: {labels: {app: beat}}
            spec:
              containers:
              - {name: beat, image: "shop/worker:1.4.2", command: [celery, -A, shop, beat]}
    """,
    "a StatefulSet replaces one after the other": """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: beat, namespace: shop}
        spec:
          replicas: 1
          selector: {matchLabels: {app: beat}}
          template:
            metadata: {labels: {app: beat}}
            spec:
              containers:
              - {name: beat, image: "shop/worker:1.4.2", command: [celery, -A, shop, beat]}
    """,
    "RedBeat takes a lock": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: beat, namespace: shop}
        spec:
          replicas: 1
          selector: {matchLabels: {app: beat}}
          template:
            metadata: {labels: {app: beat}}
            spec:
              containers:
              - {name: beat, image: "shop/web:1.4.2", command: [celery, -A, shop, beat, -S, redbeat.RedBeatScheduler]}
    """,
}
