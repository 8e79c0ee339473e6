"""What stands beside a workload: the Services, budgets, ConfigMaps and namespaces that its verdict depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper_policies.boundary import M, Misread, Misreadings, read
from gracekeeper_policies.neighbourspec import (
    AutoscalerSpec,
    BudgetSpec,
    LabelSelector,
    LabelSelectorRequirement,
    LimitRangeSpec,
    ServiceSpec,
)
from gracekeeper_policies.once import once
from gracekeeper_policies.podspec import Resources
from gracekeeper_policies.quantity import whole_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from fractions import Fraction

    from gracekeeper_policies.document import Document, Identity, Path


_ANY: Final = ("", "")
_KINDS: Final = frozenset(
    """Service PodDisruptionBudget LimitRange HorizontalPodAutoscaler ScaledObject ConfigMap Namespace""".split()
)


class Service(Struct, frozen=True, eq=False):
    """A Service: whom it selects and where it sends."""

    document: Document
    identity: Identity
    spec: ServiceSpec

    @property
    def variables(self) -> Mapping[str, str]:
        """What the kubelet sets for it in the pods of its namespace, apart from names with port numbers.

        As in `pkg/kubelet/envvars/envvars.go` (Kubernetes 1.36); a Service without an address of its own gives none.
        """
        if not self.spec.ports or self.spec.cluster_ip == "None" or self.spec.type == "ExternalName":
            return {}
        prefix, first = _variable_name(self.identity.name), self.spec.ports[0]
        named = {
            f"{prefix}_SERVICE_PORT_{_variable_name(port.name)}": str(port.port)
            for port in self.spec.ports
            if port.name
        }
        address = self.spec.cluster_ip or "ADDRESS"
        return named | {
            f"{prefix}_SERVICE_HOST": address,
            f"{prefix}_SERVICE_PORT": str(first.port),
            f"{prefix}_PORT": f"{first.protocol.lower()}://{address}:{first.port}",
        }

    def selects(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Tell whether pods with these labels in this namespace get its traffic; without a selector none do."""
        selector = self.spec.selector
        return self.identity.namespace == namespace and bool(selector) and selector.items() <= labels.items()


def _variable_name(name: str) -> str:
    return name.replace("-", "_").upper()


class Budget(Struct, frozen=True, eq=False):
    """A PodDisruptionBudget."""

    document: Document
    identity: Identity
    spec: BudgetSpec

    @property
    def field(self) -> str:
        """Which of its two fields counts; empty where it has neither."""
        if self.spec.max_unavailable is not None:
            return "maxUnavailable"
        return "" if self.spec.min_available is None else "minAvailable"

    @property
    def part(self) -> int | str | None:
        """What that field says: a number of pods or a percentage."""
        return self.spec.min_available if self.spec.max_unavailable is None else self.spec.max_unavailable

    def evictable(self, pods: int) -> int:
        """How many of so many healthy pods it lets go; both fields are rounded up, and without either none may go."""
        if self.part is None:
            return 0
        part = min(whole_part(self.part, pods, up=True), pods)
        return part if self.field == "maxUnavailable" else pods - part

    def selects(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Tell whether it protects pods with these labels in this namespace."""
        return (
            self.identity.namespace == namespace
            and self.spec.selector is not None
            and matches(self.spec.selector, labels)
        )


class Autoscaler(Struct, frozen=True, eq=False):
    """A HorizontalPodAutoscaler, or KEDA's ScaledObject, which makes one."""

    document: Document
    identity: Identity
    spec: AutoscalerSpec

    @property
    def path(self) -> Path:
        """The field that sets the least number of replicas."""
        return ("spec", "minReplicas" if self._is_horizontal else "minReplicaCount")

    @property
    def least(self) -> int:
        """The least number of replicas while its target runs: what is scaled to 0 starts again with one."""
        return max(1, self.spec.min_replicas if self._is_horizontal else self.spec.min_replica_count)

    @property
    def _is_horizontal(self) -> bool:
        return self.identity.kind == "HorizontalPodAutoscaler"


class ConfigMap(Struct, frozen=True, eq=False):
    """A ConfigMap's texts by key; `path` leads to one of them."""

    identity: Identity
    data: Mapping[str, str]

    @staticmethod
    def path(key: str) -> Path:
        """Where a key's text stands in the object."""
        return ("data", key)


class Neighbours(Struct, frozen=True, dict=True):
    """The neighbours in sight.

    `complete` says that nothing else exists (an index of the cluster): only then is an absence evidence. What one input
    holds is never complete.
    """

    services: tuple[Service, ...] = ()
    budgets: tuple[Budget, ...] = ()
    config_maps: Mapping[tuple[str, str], ConfigMap] = field(default_factory=dict)
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limit_ranges: Mapping[str, Resources] = field(default_factory=dict)
    autoscalers: Mapping[tuple[str, str, str], Autoscaler] = field(default_factory=dict)
    complete: bool = False

    @once
    def holds_anything(self) -> bool:
        """Whether there are any."""
        held = (self.services, self.budgets, self.config_maps, self.namespaces, self.limit_ranges, self.autoscalers)
        return any(held)

    @once
    def service_variables(self) -> Mapping[tuple[str, str], Service]:
        """Which Service sets a variable in the pods of a namespace, by namespace and variable."""
        return {(each.identity.namespace, name): each for each in self.services for name in each.variables}

    def services_of(self, namespace: str, labels: Mapping[str, str]) -> tuple[Service, ...]:
        """The Services that send to pods with these labels."""
        return tuple(service for service in self.services if service.selects(namespace, labels))

    def budgets_of(self, namespace: str, labels: Mapping[str, str]) -> tuple[Budget, ...]:
        """The PodDisruptionBudgets that protect pods with these labels."""
        keys = ((namespace, *label) for label in (_ANY, *labels.items()))
        candidates = (budget for key in keys for budget in self._budgets_by_label.get(key, ()))
        return tuple(budget for budget in candidates if budget.selects(namespace, labels))

    @once
    def _budgets_by_label(self) -> Mapping[tuple[str, str, str], list[Budget]]:
        # Comparing each workload with each budget would take the square of a cluster's size.
        index: dict[tuple[str, str, str], list[Budget]] = {}
        for budget in self.budgets:
            labels = budget.spec.selector.match_labels if budget.spec.selector else {}
            index.setdefault((budget.identity.namespace, *next(iter(labels.items()), _ANY)), []).append(budget)
        return index


def matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Tell whether a Kubernetes label selector matches; an unknown operator matches nothing."""
    return selector.match_labels.items() <= labels.items() and all(
        _holds(requirement, labels) for requirement in selector.match_expressions
    )


def _holds(requirement: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def neighbours_among(
    documents: Iterable[Document], namespace: str = "default"
) -> tuple[Neighbours, tuple[Misread, ...]]:
    """Gather the neighbours that an input holds, and the fields of them that could not be read."""
    gathered = _Gathered(namespace)
    candidates = (document for document in documents if document.kind in _KINDS)
    for document in sorted(candidates, key=lambda document: document.identity(namespace)):
        gathered.add(document)
    neighbours = Neighbours(
        tuple(gathered.services),
        tuple(gathered.budgets),
        gathered.config_maps,
        gathered.namespaces,
        gathered.limit_ranges,
        gathered.autoscalers,
    )
    return neighbours, tuple(gathered.misread)


class _Gathered:
    """The neighbours found so far."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.services: list[Service] = []
        self.budgets: list[Budget] = []
        self.config_maps: dict[tuple[str, str], ConfigMap] = {}
        self.namespaces: dict[str, Mapping[str, str]] = {}
        self.limit_ranges: dict[str, Resources] = {}
        self.autoscalers: dict[tuple[str, str, str], Autoscaler] = {}
        self.misread: list[Misread] = []

    def add(self, document: Document) -> None:
        """Keep a document if it is a neighbour of workloads."""
        identity = document.identity(self.namespace)
        match document.kind, document.api_version:
            case "Service", "v1":
                self.services += [Service(document, identity, spec) for spec in self._spec(document, ServiceSpec)]
            case "PodDisruptionBudget", _:
                self.budgets += [Budget(document, identity, spec) for spec in self._spec(document, BudgetSpec)]
            case "LimitRange", "v1":
                for spec in self._spec(document, LimitRangeSpec):
                    before = self.limit_ranges.get(identity.namespace, Resources())
                    self.limit_ranges[identity.namespace] = _defaults(spec, before)
            case (("HorizontalPodAutoscaler" | "ScaledObject"), _):
                for scaling in self._spec(document, AutoscalerSpec):
                    target = scaling.scale_target_ref
                    self.autoscalers[identity.namespace, target.kind, target.name] = Autoscaler(
                        document, identity, scaling
                    )
            case "ConfigMap", "v1":
                self.config_maps[identity.namespace, identity.name] = ConfigMap(
                    identity, _texts(document.values.get("data"))
                )
            case "Namespace", "v1":
                self.namespaces[identity.name] = _texts(document.metadata.get("labels"))

    def _spec(self, document: Document, model: type[M]) -> tuple[M, ...]:
        spec = read(model, document.values.get("spec") or {}, document=document, path=("spec",))
        if isinstance(spec, Misreadings):
            self.misread += spec.fields
            return ()
        return (spec,)


def _defaults(spec: LimitRangeSpec, before: Resources) -> Resources:
    # Of several LimitRanges the first one that sets a default wins.
    limits: dict[str, Fraction] = {}
    requests: dict[str, Fraction] = {}
    for item in spec.limits:
        if item.type == "Container":
            # As the API server fills a LimitRange in: the default from max, the request from the default or min.
            limits |= item.max | item.default
            requests |= item.min | item.max | item.default | item.default_request
    return Resources(limits=limits | before.limits, requests=requests | before.requests)


def _texts(values: object) -> Mapping[str, str]:
    entries: Iterator[tuple[object, object]] = iter(values.items()) if isinstance(values, Mapping) else iter(())
    return {key: text for key, text in entries if isinstance(key, str) and isinstance(text, str)}
