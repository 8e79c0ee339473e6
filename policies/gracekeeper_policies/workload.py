"""Any workload kind as one shape: identity, replicas, pod, containers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies import controllerspec, podspec, securityspec
from gracekeeper_policies.allotment import together
from gracekeeper_policies.boundary import Misread, Misreadings, read
from gracekeeper_policies.container import Annotation, Container, Role
from gracekeeper_policies.kinds import JOB_KINDS, NO_TEMPLATES, PodTemplates, reached, template_path
from gracekeeper_policies.kubernetes import ASSUMED, NATIVE_SIDECARS, POD_RESOURCES, KubernetesVersion
from gracekeeper_policies.once import once
from gracekeeper_policies.provenance import Known, Unknown
from gracekeeper_policies.rollout import rollout_of, scale_of
from gracekeeper_policies.secrecy import Elision, elision_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from fractions import Fraction

    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.neighbours import Autoscaler, Budget, Neighbours, Service
    from gracekeeper_policies.provenance import Sourced
    from gracekeeper_policies.rollout import Rollout

PREFIX: Final = "gracekeeper.dev/"


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
    at, values = reached(document.values, template)
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
