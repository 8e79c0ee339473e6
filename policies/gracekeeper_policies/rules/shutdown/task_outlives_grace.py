"""A task may run longer than the worker is given to finish it.

## What it does
Compares a worker's limit for one task with what is left of the grace period when the worker gets SIGTERM. A default
(dramatiq's ten minutes, RQ's three) is a warning, and a worker without any limit is a suspicion, since the settings of
its application may hold one. A celery pool of threads or greenlets has no limit, whatever is set.

## Why it matters
The worker waits for the running task, and SIGKILL ends both. A task that was acknowledged when it began is lost; one
that is acknowledged late comes back only after the broker's visibility timeout.

## What to do
Give the pod more time than the longest task needs (and supervisord, where it starts the worker: its `stopwaitsecs` is
10 s by default), limit the tasks, or declare the worst time a stop takes with `gracekeeper.dev/shutdown-seconds`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Finding, Set, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.server import OnTerm, Purpose
from gracekeeper_policies.process.workers import TaskLimit
from gracekeeper_policies.provenance import Default, Known, Unknown, joined
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing
from gracekeeper_policies.supervision import killed, longer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.server import Server
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)
_MARGIN: Final = 2
_LOSS: Final = "a task that still runs then is lost, or comes back late if it is acknowledged late"


def check(timeline: Timeline) -> Iterator[Finding]:
    """Compare what a worker may wait for with the time between SIGTERM and SIGKILL."""
    process, server = timeline.process, timeline.process.server
    if server is None or server.purpose is not Purpose.TASKS or process.shutdown.on_term is not OnTerm.FINISHES:
        return
    if process.delivery.outcome is not Outcome.HEARD or process.shutdown.is_declared:
        return
    limit = _limit(process)
    if isinstance(limit.seconds, Unknown) or limit.seconds.value is None:
        yield _unlimited(timeline, server, limit)
    elif limit.seconds.value >= timeline.left:
        yield _limited(timeline, limit, limit.seconds.value)


def _limit(process: PythonProcess) -> TaskLimit:
    return process.task_limit or TaskLimit(process.shutdown.drain, process.server.drain if process.server else "")


def _limited(timeline: Timeline, limit: TaskLimit, seconds: float) -> Finding:
    stop, process = timeline.stop, timeline.process
    needed = math.ceil(stop.signalled + timeline.turn.seconds + seconds + _MARGIN)
    sum_ = f"{format_seconds(stop.signalled + timeline.turn.seconds + seconds)} + {_MARGIN} margin"
    default = isinstance(limit.seconds, Default)
    soft = "a task may go on after its soft limit" if limit.is_soft else ""
    return Finding(
        at=timeline.process.places.of(timeline.forcing.word) if timeline.forcing else stop.path,
        message=f"A task may run for {format_seconds(seconds)} s ({limit.option}{', by default' if default else ''}), "
        f"but {killed(timeline)}: {_LOSS}.",
        remedies=_longer(timeline, math.ceil(seconds + _MARGIN)) or (Set(stop.path, needed, sum_),),
        doubt=joined(process.shutdown.doubt, _doubt(limit), soft, timeline.turn.doubt),
        severity=Severity.WARNING if default else None,
        evidence=(evidence_of(limit.option, limit.seconds, "s"),),
    )


def _unlimited(timeline: Timeline, server: Server, limit: TaskLimit) -> Finding:
    stop, process = timeline.stop, timeline.process
    return Finding(
        at=timeline.process.places.of(timeline.forcing.word) if timeline.forcing else stop.path,
        message=f"Nothing in sight limits how long a task runs, and {killed(timeline)}: a longer task is lost, or "
        "comes back late if it is acknowledged late.",
        remedies=(
            *(_longer(timeline, None) or (Advice("raise terminationGracePeriodSeconds above the longest task"),)),
            *_flag(server, limit, max(int(timeline.left) - _MARGIN, 1)),
            Advice("declare gracekeeper.dev/shutdown-seconds if the application bounds its tasks"),
        ),
        doubt=joined("the application's own settings may limit its tasks", process.shutdown.doubt),
        severity=Severity.WARNING,
        evidence=(evidence_of(limit.option, limit.seconds, "s"),),
    )


def _longer(timeline: Timeline, seconds: int | None) -> tuple[Advice, ...]:
    return longer(timeline, seconds) if timeline.forcing else ()


def _flag(server: Server, limit: TaskLimit, seconds: int) -> Iterator[Argument]:
    # Where the limit does not hold although it is set, writing it once more does not help.
    flags = server.option(limit.option).flags
    if flags and not isinstance(limit.seconds, Known):
        yield Argument(f"{flags[-1]} {seconds}", None, "if no task needs longer")


def _doubt(limit: TaskLimit) -> str:
    return limit.seconds.doubt if isinstance(limit.seconds, Default) else ""


BAD: Final[Mapping[str, str]] = {
    "tasks may run ten times as long as the pod waits": """
        terminationGracePeriodSeconds: 30  # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker, --time-limit=300]}
    """,
    "no limit at all": """
        # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker]}
    """,
    "threads, which no limit ends": """
        # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker, --time-limit=10, --pool=threads]}
    """,
    "dramatiq waits ten minutes": """
        # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [dramatiq, shop.tasks]}
    """,
    "supervisord kills the worker before Kubernetes does": """
        terminationGracePeriodSeconds: 310
        containers:
        - name: worker
          image: shop/web:1.4.2
          command: [supervisord, -n, -c, /etc/shop/supervisord.conf]  # finding
          volumeMounts: [{name: config, mountPath: /etc/shop}]
        volumes: [{name: config, configMap: {name: supervisor}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: supervisor, namespace: shop}
        data:
          supervisord.conf: |
            [supervisord]
            nodaemon=true
            [program:worker]
            command=celery -A shop worker --time-limit 300
    """,
    "RQ gives a job three minutes": """
        terminationGracePeriodSeconds: 60  # finding
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [rq, worker, --url, "redis://redis:6379"]}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the grace period covers the longest task": """
        terminationGracePeriodSeconds: 310
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker, --time-limit=300]}
    """,
    "tasks are given back at once": """
        containers:
        - name: worker
          image: shop/web:1.4.2
          workingDir: /app
          command: [celery, --config=celeryconfig, -A, shop, worker]
          env: [{name: REMAP_SIGTERM, value: SIGQUIT}]
          volumeMounts: [{name: config, mountPath: /app/celeryconfig.py, subPath: celeryconfig.py}]
        volumes: [{name: config, configMap: {name: celery}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: celery, namespace: shop}
        data: {celeryconfig.py: "task_acks_late = True"}
    """,
    "arq cancels its jobs and puts them back": """
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [arq, shop.WorkerSettings]}
    """,
    "dramatiq waits as long as the pod does": """
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [dramatiq, shop.tasks, --worker-shutdown-timeout=25000]}
    """,
}
