"""The boundary: what stands beside a pod (Services, budgets, LimitRanges), typed, with Kubernetes' defaults."""

from __future__ import annotations

from msgspec import field

from gracekeeper_policies.model import Integer, Model, Port, Portion, Quantity, Texts


class ServicePort(Model):
    """A Service's port; the target defaults to the port's own number."""

    port: Integer
    target_port: Port | None = None
    name: str = ""
    protocol: str = "TCP"


class ServiceSpec(Model):
    """What a Service selects and where it sends."""

    selector: Texts = field(default_factory=dict)
    ports: tuple[ServicePort, ...] = ()
    type: str = "ClusterIP"
    cluster_ip: str = field(default="", name="clusterIP")
    publish_not_ready_addresses: bool = False


class LabelSelectorRequirement(Model):
    """One expression of a label selector."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(Model):
    """A Kubernetes label selector; an empty one selects everything."""

    match_labels: Texts = field(default_factory=dict)
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()


class LimitRangeItem(Model):
    """What a LimitRange gives to objects of one type that say nothing."""

    type: str = ""
    max: dict[str, Quantity] = field(default_factory=dict)
    min: dict[str, Quantity] = field(default_factory=dict)
    default: dict[str, Quantity] = field(default_factory=dict)
    default_request: dict[str, Quantity] = field(default_factory=dict)


class LimitRangeSpec(Model):
    """A namespace's limits."""

    limits: tuple[LimitRangeItem, ...] = ()


class BudgetSpec(Model):
    """What a PodDisruptionBudget protects."""

    selector: LabelSelector | None = None
    min_available: Portion | None = None
    max_unavailable: Portion | None = None


class ScaleTarget(Model):
    """What an autoscaler scales; KEDA takes a Deployment where no kind is given."""

    name: str = ""
    kind: str = "Deployment"


class AutoscalerSpec(Model):
    """A HorizontalPodAutoscaler or KEDA's ScaledObject: each names its least number of replicas its own way."""

    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: Integer = 1
    min_replica_count: Integer = 0
