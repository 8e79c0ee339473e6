"""Any workload kind as one shape: identity, replicas, pod, containers.

Rules never mention `spec.jobTemplate`: where a kind keeps its pod template is said once, in `KINDS`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from gracekeeper_policies import controllerspec, model, podspec, securityspec
from gracekeeper_policies.allotment import together
from gracekeeper_policies.boundary import Misread, Misreadings, read
from gracekeeper_policies.kubernetes import ASSUMED, NATIVE_SIDECARS, POD_RESOURCES, KubernetesVersion
from gracekeeper_policies.once import once
from gracekeeper_policies.provenance import Known, Unknown
from gracekeeper_policies.rollout import rollout_of, scale_of
from gracekeeper_policies.secrecy import Elision, elision_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.neighbours import Autoscaler, Budget, Neighbours, Service
    from gracekeeper_policies.provenance import Sourced
    from gracekeeper_policies.rollout import Rollout

KINDS: Final[Mapping[str, tuple[frozenset[str], Path]]] = {
    "Pod": (frozenset({""}), ()),
    "ReplicationController": (frozenset({""}), ("spec", "template")),
    "PodTemplate": (frozenset({""}), ("template",)),
    "Deployment": (frozenset({"apps", "extensions"}), ("spec", "template")),
    "StatefulSet": (frozenset({"apps"}), ("spec", "template")),
    "DaemonSet": (frozenset({"apps", "extensions"}), ("spec", "template")),
    "ReplicaSet": (frozenset({"apps", "extensions"}), ("spec", "template")),
    "Job": (frozenset({"batch"}), ("spec", "template")),
    "CronJob": (frozenset({"batch"}), ("spec", "jobTemplate", "spec", "template")),
    "Rollout": (frozenset({"argoproj.io"}), ("spec", "template")),
    "Service": (frozenset({"serving.knative.dev"}), ("spec", "template")),
}
"""Kind → the API groups it is known in, and where its pod template stands."""

PodTemplates: TypeAlias = Mapping[tuple[str, str], "Path"]
"""Further kinds, with their API group before them → where the pod template stands."""

NO_TEMPLATES: Final[PodTemplates] = {}

JOB_KINDS: Final = frozenset({"Job", "CronJob"})
PREFIX: Final = "gracekeeper.dev/"
_FIRST_FREE_PORT: Final = 1024


class Role(enum.Enum):
    """What a container is for the kubelet."""

    MAIN = "main"
    INIT = "init"
    SIDECAR = "native sidecar"
    EPHEMERAL = "ephemeral"


class Annotation(Struct, frozen=True):
    """One of our annotations: its full name, its text and where it stands."""

    name: str
    text: str
    path: Path


class Container(Struct, frozen=True, eq=False):
    """One container of a pod, with what it gets from the pod resolved as the kubelet does."""

    spec: podspec.Container
    role: Role
    path: Path
    workload: Workload

    @property
    def name(self) -> str:
        """The container's name."""
        return self.spec.name

    @property
    def pod(self) -> podspec.PodSpec:
        """The pod it runs in."""
        return self.workload.pod

    @property
    def serves(self) -> bool:
        """Whether it runs beside the others for the pod's life: a main container or a native sidecar."""
        return self.role in (Role.MAIN, Role.SIDECAR)

    @property
    def on_windows(self) -> bool:
        """Whether it runs on Windows, where Linux' users, signals and privileges mean nothing."""
        return self.pod.os.name == "windows"

    @property
    def run_as_user(self) -> tuple[int | None, Path]:
        """The uid that the manifest sets and where: the container's own before the pod's."""
        own, inherited = self.spec.security_context.run_as_user, self.pod.security_context.run_as_user
        if own is not None or inherited is None:
            return own, (*self.path, "securityContext", "runAsUser")
        return inherited, (*self.workload.pod_path, "securityContext", "runAsUser")

    @property
    def run_as_non_root(self) -> tuple[bool, Path]:
        """Whether the kubelet refuses to start it as uid 0, and where that is said; a container beats its pod."""
        own, inherited = self.spec.security_context.run_as_non_root, self.pod.security_context.run_as_non_root
        if own is not None or inherited is None:
            return bool(own), (*self.path, "securityContext", "runAsNonRoot")
        return inherited, (*self.workload.pod_path, "securityContext", "runAsNonRoot")

    @property
    def may_run_as_root(self) -> bool:
        """Whether its manifest leaves it to the image who it runs as, or says root."""
        return not (self.run_as_user[0] or self.run_as_non_root[0])

    @property
    def low_port(self) -> int | None:
        """The lowest port it declares that only root may bind, unless the runtime or a sysctl lets everyone."""
        low = (port.container_port for port in self.spec.ports if 0 < port.container_port < _FIRST_FREE_PORT)
        return min(low, default=None)

    def limit(self, resource: str) -> Fraction | None:
        """The limit that bounds it: its own, else the pod's, else a LimitRange's; one of 0 bounds nothing."""
        own, whole = self.spec.resources.limits, self.workload.pod_resources.limits
        ranges = {} if resource in own else self.workload.limit_range.limits
        return next((limits[resource] for limits in (own, whole, ranges) if limits.get(resource)), None)

    def request(self, resource: str) -> Fraction | None:
        """What the scheduler reserves: its own request, else its limit, else the pod's, else a LimitRange's."""
        own, whole, ranges = self.spec.resources, self.workload.pod_resources, self.workload.limit_range
        amounts = (own.requests, own.limits, whole.requests, whole.limits, ranges.requests, ranges.limits)
        return next((amount[resource] for amount in amounts if resource in amount), None)

    @property
    def requests(self) -> Mapping[str, Fraction]:
        """What it requests itself, as the API server fills it in on a pod: a limit is the request that is missing."""
        return {**self.spec.resources.limits, **self.spec.resources.requests}

    @property
    def has_device(self) -> bool:
        """Whether it asks for a device such as a GPU: then it holds a model, and no common amount is a start for it."""
        own = self.spec.resources
        return any("/" in name for name in (*own.limits, *own.requests))

    def annotation(self, name: str) -> Annotation | None:
        """`gracekeeper.dev/CONTAINER.NAME`, else `gracekeeper.dev/NAME` of the template or the workload."""
        if not self.workload.annotations:
            return None
        return self.workload.annotation(f"{self.name}.{name}") or self.workload.annotation(name)

    @property
    def asked_ports(self) -> Iterator[tuple[Path, model.Port]]:
        """The ports that its probes and HTTP hooks ask, by number or name, and where each is written."""
        for name, probe in self.spec.probes:
            if probe.port is not None:
                yield (*self.path, name, probe.handler, "port"), probe.port
        lifecycle = self.spec.lifecycle
        for name, hook in (("postStart", lifecycle.post_start), ("preStop", lifecycle.pre_stop)):
            if hook is not None and hook.http_get is not None:
                yield (*self.path, "lifecycle", name, "httpGet", "port"), hook.http_get.port

    def port_number(self, port: model.Port) -> int | None:
        """Resolve a probe's port: a number stays, a name is looked up in this container alone."""
        if isinstance(port, int):
            return port
        return next((declared.container_port for declared in self.spec.ports if declared.name == port), None)


class Workload(Struct, frozen=True, eq=False, dict=True):
    """A workload of any kind. `template` is the path of its pod template, `pod` what the template specifies.

    `now` is the day, in UTC, on which it is judged; before the first of all days nothing has reached its end.
    """

    document: Document
    identity: Identity
    template: Path
    metadata: podspec.Metadata
    controller: controllerspec.ControllerSpec
    pod_metadata: podspec.Metadata
    pod: podspec.PodSpec
    neighbours: Neighbours
    kubernetes: KubernetesVersion = ASSUMED
    now: date = date.min

    @property
    def kind(self) -> str:
        """The manifest's kind."""
        return self.identity.kind

    @property
    def pod_path(self) -> Path:
        """Where the pod's specification stands."""
        return (*self.template, "spec")

    @property
    def is_job(self) -> bool:
        """Whether it is meant to end: Jobs, CronJobs, and bare pods that are not restarted."""
        return self.kind in JOB_KINDS or (self.kind == "Pod" and self.pod.restart_policy != "Always")

    @once
    def scale(self) -> Sourced[int]:
        """How many replicas there are at least while it runs, and who says so; Unknown for a kind that has none."""
        scaler = self.autoscaler
        least = Known(scaler.least, str(scaler.identity)) if scaler else None
        return scale_of(self.kind, self.controller.replicas, least, certain=self.neighbours.complete)

    @property
    def scale_field(self) -> tuple[Path, Document | None]:
        """The field that sets the least number of replicas, and the neighbour that holds it; None for the workload."""
        scaler = self.autoscaler
        return (scaler.path, scaler.document) if scaler else (("spec", "replicas"), None)

    @property
    def replicas(self) -> int:
        """The number of its `scale`; 1 for a kind that has none."""
        return 1 if isinstance(self.scale, Unknown) else self.scale.value

    @once
    def rollout(self) -> Rollout | None:
        """How its controller replaces old pods by new ones; None where it does not."""
        return rollout_of(self.kind, self.controller, self.replicas)

    @property
    def recreates(self) -> bool:
        """Whether a rollout ends all old pods before it makes new ones."""
        return self.kind == "Deployment" and self.controller.strategy.type == "Recreate"

    @property
    def job_deadline(self) -> int | None:
        """Seconds after which a Job, or each of its pods, is ended; None where nothing ends it."""
        job = self.controller.job_template.spec if self.kind == "CronJob" else self.controller
        own, each_pod = job.active_deadline_seconds, self.pod.active_deadline_seconds
        return each_pod if own is None else own

    @property
    def is_knative(self) -> bool:
        """Whether it is Knative's Service, the only workload of that kind."""
        return self.kind == "Service"

    @once
    def containers(self) -> tuple[Container, ...]:
        """All containers, main ones first, in the manifest's order."""
        return tuple(self._containers())

    @once
    def security_contexts(self) -> tuple[tuple[Path, securityspec.CommonSecurityContext], ...]:
        """Every security context and where it stands: the pod's, then each container's."""
        contexts = ((each.path, each.spec.security_context) for each in self.containers)
        own = self.pod_path, self.pod.security_context
        return tuple(((*path, "securityContext"), context) for path, context in (own, *contexts))

    def _containers(self) -> Iterator[Container]:
        lists = (
            ("containers", self.pod.containers, Role.MAIN),
            ("initContainers", self.pod.init_containers, Role.INIT),
        )
        for field, specs, role in (*lists, ("ephemeralContainers", self.pod.ephemeral_containers, Role.EPHEMERAL)):
            for number, spec in enumerate(specs):
                yield Container(spec, self._role(spec, role), (*self.pod_path, field, number), self)

    def _role(self, spec: podspec.Container, role: Role) -> Role:
        native = spec.restart_policy == "Always" and self.kubernetes >= NATIVE_SIDECARS
        return Role.SIDECAR if role is Role.INIT and native else role

    @property
    def pod_resources(self) -> podspec.Resources:
        """The pod-level resources; empty where the Kubernetes version drops the field."""
        return self.pod.resources if self.kubernetes >= POD_RESOURCES else podspec.NO_RESOURCES

    @property
    def all_annotations(self) -> tuple[tuple[Path, Mapping[str, str]], ...]:
        """The annotations of the pod template and of the workload, whosever they are, with where they stand."""
        own = (("metadata", "annotations"), self.metadata.annotations)
        template = ((*self.template, "metadata", "annotations"), self.pod_metadata.annotations)
        return (template, own) if self.template else (own,)

    def together(self, amounts: Callable[[Container], Mapping[str, Fraction]]) -> Mapping[str, Fraction]:
        """What its containers take together of what each takes alone."""
        running = (amounts(each) for each in self.containers if each.role is Role.MAIN)
        early = (each for each in self.containers if each.role in (Role.INIT, Role.SIDECAR))
        return together(running, ((each.role is Role.SIDECAR, amounts(each)) for each in early))

    @once
    def annotations(self) -> tuple[Annotation, ...]:
        """The `gracekeeper.dev/` annotations of the pod template, then the workload's own."""
        return tuple(
            Annotation(name, text, (*path, name))
            for path, entries in self.all_annotations
            for name, text in entries.items()
            if name.startswith(PREFIX)
        )

    def annotation(self, name: str) -> Annotation | None:
        """The annotation of that name; the template's beats the workload's."""
        return next((annotation for annotation in self.annotations if annotation.name == PREFIX + name), None)

    @once
    def services(self) -> tuple[Service, ...]:
        """The Services in sight that send to its pods."""
        return self.neighbours.services_of(self.identity.namespace, self.pod_metadata.labels)

    @once
    def budgets(self) -> tuple[Budget, ...]:
        """The PodDisruptionBudgets in sight that protect its pods."""
        return self.neighbours.budgets_of(self.identity.namespace, self.pod_metadata.labels)

    def has_all_pods_of(self, budget: Budget) -> bool:
        """Whether a budget protects nobody else, because it selects no more than the workload takes for its own."""
        own, selector = self.controller.selector, budget.spec.selector
        alone = selector is not None and own.match_labels.items() <= selector.match_labels.items()
        return alone and bool(own.match_labels) and not own.match_expressions

    @property
    def autoscaler(self) -> Autoscaler | None:
        """The autoscaler in sight that sets how many replicas there are."""
        return self.neighbours.autoscalers.get((self.identity.namespace, self.kind, self.identity.name))

    @property
    def limit_range(self) -> podspec.Resources:
        """What the LimitRanges of its namespace give to a container that says nothing."""
        return self.neighbours.limit_ranges.get(self.identity.namespace) or podspec.NO_RESOURCES

    @once
    def elision(self) -> Elision:
        """Leaves out of a text the secrets that its manifest holds, a ConfigMap in sight that it reads, or an image."""
        referred = (entry for container in self.containers for entry in _referred(container.spec, self._config_map))
        mounted = map(self._config_map, self._mounted_config_maps)
        return elision_of(dict(self.document.values), *referred, *mounted, *self._learned)

    @once
    def _learned(self) -> list[object]:
        return []

    def learn(self, *values: object) -> None:
        """Take in what its images hold, before anything is said of it: their secrets are left out of texts too."""
        self._learned.extend(values)

    @property
    def _mounted_config_maps(self) -> set[str]:
        return {config_map.name for volume in self.pod.volumes for config_map in volume.config_maps}

    def _config_map(self, name: str) -> Mapping[str, str]:
        found = self.neighbours.config_maps.get((self.identity.namespace, name))
        return found.data if found else {}

    def container_at(self, path: Path) -> Container | None:
        """The container that holds a path; None for what the whole pod says."""
        return next((each for each in self.containers if path[: len(each.path)] == each.path), None)

    @property
    def runs_as_pid_1(self) -> bool:
        """Whether a container's first process is PID 1; in a shared or the host's PID namespace it is not."""
        return not (self.pod.share_process_namespace or self.pod.host_pid)


def _referred(spec: podspec.Container, config_map: Callable[[str], Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
    for source in spec.env_from:
        if source.config_map_ref is not None:
            yield config_map(source.config_map_ref.name)
    for entry in spec.env:
        reference = entry.value_from.config_map_key_ref if entry.value_from else None
        if reference is not None:
            yield {entry.name: config_map(reference.name).get(reference.key, "")}


def is_workload(document: Document, templates: PodTemplates = NO_TEMPLATES) -> bool:
    """Tell whether a document is of a kind that runs pods, and has a template to judge; `templates` adds kinds."""
    template = template_path(document, templates)
    return template is not None and _reached(document.values, (*template, "spec"))[1] is not None


def template_path(document: Document, templates: PodTemplates = NO_TEMPLATES) -> Path | None:
    """Where the pod template of a document's kind stands; None for a kind that runs no pods."""
    groups, template = KINDS.get(document.kind, (frozenset(), ()))
    group = document.api_version.rpartition("/")[0]
    return template if group in groups else templates.get((group, document.kind))


def read_workload(
    document: Document,
    neighbours: Neighbours,
    *,
    namespace: str = "default",
    kubernetes: KubernetesVersion = ASSUMED,
    now: date = date.min,
    templates: PodTemplates = NO_TEMPLATES,
) -> Workload | Misreadings:
    """Read a document for which `is_workload` holds, or say which of its fields have the wrong type."""
    template = template_path(document, templates) or ()
    at, values = _reached(document.values, template)
    metadata = read(podspec.Metadata, document.metadata, document=document, path=("metadata",))
    controller = read(
        controllerspec.ControllerSpec, document.values.get("spec") or {}, document=document, path=("spec",)
    )
    pod = read(podspec.PodTemplate, values, document=document, path=at)
    if isinstance(metadata, Misreadings) or isinstance(controller, Misreadings) or isinstance(pod, Misreadings):
        fields = _misread(metadata) + _misread(controller) + _misread(pod)
        return Misreadings(tuple({field.path: field for field in fields}.values()))
    identity = document.identity(namespace)
    return Workload(
        document, identity, template, metadata, controller, pod.metadata, pod.spec, neighbours, kubernetes, now
    )


def _misread(outcome: object) -> tuple[Misread, ...]:
    return outcome.fields if isinstance(outcome, Misreadings) else ()


def _reached(values: object, path: Path) -> tuple[Path, object]:
    # Where something else than a mapping stands on the way, that is what is reached.
    for position, step in enumerate(path):
        # Asking for the abstract type alone would take longer than all the rest.
        if type(values) is not dict and not isinstance(values, Mapping):
            return path[:position], values
        values = values.get(step)
    return path, values
