"""What controllers say beside their pod template: replicas, rollout, deadlines."""

from __future__ import annotations

from typing import Any

from msgspec import field

from gracekeeper_policies.model import Integer, Model, Portion, Texts


class RollingUpdate(Model):
    """How many pods a rolling update adds and takes away at once; None where the kind's default holds.

    A StatefulSet leaves the pods below its `partition` alone.
    """

    max_surge: Portion | None = None
    max_unavailable: Portion | None = None
    partition: Integer = 0


class Strategy(Model):
    """How a controller replaces its pods; `canary` and `blue_green` are Argo's, which names no type."""

    type: str = "RollingUpdate"
    rolling_update: RollingUpdate = RollingUpdate()
    canary: RollingUpdate | None = None
    blue_green: dict[str, Any] | None = None


class Selector(Model):
    """Which pods a controller takes for its own."""

    match_labels: Texts = field(default_factory=dict)
    match_expressions: tuple[dict[str, Any], ...] = ()


class JobSpec(Model):
    """What a Job says beside its template; without a deadline it may run for ever."""

    active_deadline_seconds: Integer | None = None


class JobTemplate(Model):
    """The Job that a CronJob makes."""

    spec: JobSpec = JobSpec()


class ControllerSpec(JobSpec):
    """What a controller says beside its template.

    `replicas` is None where it leaves the number to a default or an autoscaler. Deployments and Argo's Rollouts have a
    `strategy`, StatefulSets and DaemonSets an `update_strategy`, CronJobs a `job_template`.
    """

    replicas: Integer | None = None
    selector: Selector = Selector()
    strategy: Strategy = Strategy()
    update_strategy: Strategy = Strategy()
    job_template: JobTemplate = JobTemplate()
    concurrency_policy: str = "Allow"
