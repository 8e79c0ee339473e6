"""The boundary: a pod's manifest, typed, with Kubernetes' defaults filled in.

Models of just the fields that rules read; the rest is ignored. Types are as strict as the API server's: `replicas: "3"`
is refused here as it would be there. A field that is null counts as absent, as in Kubernetes. Defaults are those of
`pkg/apis/core/v1/defaults.go` (Kubernetes 1.36), so that the command line judges what a webhook would see.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from gracekeeper_policies.quantity import QuantityError, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Model(BaseModel):
    """A strict, frozen model whose fields are written in camelCase in a manifest."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True, extra="ignore", defer_build=True)


def shared(model: type[T]) -> Callable[[], T]:
    """What stands where nothing is written: one model for all, since none can be changed."""
    return lru_cache(maxsize=1)(model)


def _quantity(value: object) -> Fraction:
    if value is None or isinstance(value, Fraction):
        return value or Fraction(0)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PydanticCustomError("quantity", "expected a quantity such as 500m or 512Mi")
    try:
        return _parsed_quantity(value)
    except QuantityError as error:
        raise PydanticCustomError("quantity", "{reason}", {"reason": str(error)}) from error


_parsed_quantity: Final = lru_cache(maxsize=1024)(parse_quantity)  # a cluster knows few different ones


def _null_is_empty(value: object) -> object:
    if not isinstance(value, dict) or None not in value.values():
        return value
    return {key: "" if text is None else text for key, text in value.items()}


Integer = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""A number as wide as the API server reads at most."""

Quantity = Annotated[Fraction, BeforeValidator(_quantity)]
Texts = Annotated[dict[str, str], BeforeValidator(_null_is_empty)]
Port = Integer | str
"""A port's number or its name."""


_PERCENTAGE: Final = re.compile(r"[0-9]{1,9}%\Z")


def _portion(value: object) -> object:
    if isinstance(value, str) and not _PERCENTAGE.match(value):
        raise PydanticCustomError("portion", "expected a number or a percentage such as 25%")
    return value


Portion = Annotated[Integer | str, BeforeValidator(_portion)]
"""A number of pods, or a percentage of them."""


def _zero_means(default: int) -> AfterValidator:
    # An explicit 0 is replaced by the default when the API server fills in a probe.
    return AfterValidator(lambda value: value or default)


class Resources(Model):
    """`resources` of a container or a pod: quantities by resource name, cores and bytes."""

    limits: dict[str, Quantity] = Field(default_factory=dict)
    requests: dict[str, Quantity] = Field(default_factory=dict)


no_resources: Final = shared(Resources)


class ContainerPort(Model):
    """One declared port; declaring it binds nothing."""

    container_port: Integer
    host_port: Integer = 0
    name: str = ""
    protocol: str = "TCP"


class HttpGet(Model):
    """An HTTP question of a probe or a hook; without a host it goes to the pod's address."""

    port: Port
    path: str = "/"
    scheme: str = "HTTP"
    host: str = ""


class TcpSocket(Model):
    """A connection attempt of a probe."""

    port: Port
    host: str = ""


class Grpc(Model):
    """A gRPC health question; the port is always a number."""

    port: Integer
    service: str = ""


class Exec(Model):
    """A command that runs in the container; nothing in it is expanded by Kubernetes."""

    command: tuple[str, ...] = Field(default=(), strict=False)


class Sleep(Model):
    """A pause that the kubelet itself makes."""

    seconds: Integer = 0


class Probe(Model):
    """A liveness, readiness or startup probe with its numbers filled in; times are whole seconds."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    grpc: Grpc | None = None
    exec: Exec | None = None
    initial_delay_seconds: Integer = 0
    period_seconds: Annotated[Integer, _zero_means(10)] = 10
    timeout_seconds: Annotated[Integer, _zero_means(1)] = 1
    success_threshold: Annotated[Integer, _zero_means(1)] = 1
    failure_threshold: Annotated[Integer, _zero_means(3)] = 3
    termination_grace_period_seconds: Integer | None = None

    @property
    def port(self) -> Port | None:
        """The port that is asked, by number or name; None for a command."""
        asked = self.http_get or self.tcp_socket or self.grpc
        return asked.port if asked else None

    @property
    def handler(self) -> str:
        """The manifest's field that says how the probe asks; empty where there is none."""
        if self.http_get is not None:
            return "httpGet"
        if self.tcp_socket is not None:
            return "tcpSocket"
        if self.grpc is not None:
            return "grpc"
        return "" if self.exec is None else "exec"


class Handler(Model):
    """What a lifecycle hook does."""

    exec: Exec | None = None
    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    sleep: Sleep | None = None


class Lifecycle(Model):
    """A container's hooks and, behind a feature gate, its stop signal."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None
    stop_signal: str | None = None


class Capabilities(Model):
    """Linux capabilities added and dropped."""

    add: tuple[str, ...] = Field(default=(), strict=False)
    drop: tuple[str, ...] = Field(default=(), strict=False)


class ConfinementProfile(Model):
    """A seccomp or AppArmor profile: RuntimeDefault, Localhost or Unconfined."""

    type: str = ""


class SELinuxOptions(Model):
    """The SELinux label that processes get; an empty part is the runtime's."""

    type: str = ""
    user: str = ""
    role: str = ""


class WindowsOptions(Model):
    """What only Windows knows."""

    host_process: bool = False


class Sysctl(Model):
    """A kernel parameter of the pod."""

    name: str = ""


class CommonSecurityContext(Model):
    """What a pod's security context and a container's have in common; None where the other, or nothing, decides."""

    run_as_user: Integer | None = None
    run_as_non_root: bool | None = None
    seccomp_profile: ConfinementProfile | None = None
    app_armor_profile: ConfinementProfile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None


class SecurityContext(CommonSecurityContext):
    """A container's security context."""

    privileged: bool = False
    allow_privilege_escalation: bool | None = None
    read_only_root_filesystem: bool = False
    capabilities: Capabilities = Field(default_factory=shared(Capabilities))
    proc_mount: str = "Default"


class PodSecurityContext(CommonSecurityContext):
    """A pod's security context: what its containers inherit."""

    sysctls: tuple[Sysctl, ...] = Field(default=(), strict=False)


class KeySelector(Model):
    """A key of a ConfigMap or a Secret."""

    name: str = ""
    key: str = ""
    optional: bool = False


class EnvVarSource(Model):
    """Where a variable's value comes from when the manifest does not hold it."""

    config_map_key_ref: KeySelector | None = None
    secret_key_ref: KeySelector | None = None


class EnvVar(Model):
    """One variable; an absent value is the empty string unless it comes from elsewhere."""

    name: str
    value: str = ""
    value_from: EnvVarSource | None = None


class SourceReference(Model):
    """A whole ConfigMap or Secret as environment."""

    name: str = ""
    optional: bool = False


class EnvFrom(Model):
    """Variables from every key of a ConfigMap or Secret, each key behind `prefix`."""

    prefix: str = ""
    config_map_ref: SourceReference | None = None
    secret_ref: SourceReference | None = None


class VolumeMount(Model):
    """A volume seen by a container."""

    name: str = ""
    mount_path: str = ""
    sub_path: str = ""
    read_only: bool = False


class Container(Model):
    """A container as written, of whatever role."""

    name: str = ""
    image: str = ""
    command: tuple[str, ...] = Field(default=(), strict=False)
    args: tuple[str, ...] = Field(default=(), strict=False)
    working_dir: str = ""
    env: tuple[EnvVar, ...] = Field(default=(), strict=False)
    env_from: tuple[EnvFrom, ...] = Field(default=(), strict=False)
    ports: tuple[ContainerPort, ...] = Field(default=(), strict=False)
    resources: Resources = Field(default_factory=shared(Resources))
    security_context: SecurityContext = Field(default_factory=shared(SecurityContext))
    lifecycle: Lifecycle = Field(default_factory=shared(Lifecycle))
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    volume_mounts: tuple[VolumeMount, ...] = Field(default=(), strict=False)
    restart_policy: str | None = None

    @property
    def probes(self) -> tuple[tuple[str, Probe], ...]:
        """The probes that ask something, each behind the manifest's field that holds it."""
        liveness, readiness, startup = self.liveness_probe, self.readiness_probe, self.startup_probe
        if liveness is readiness is startup is None:
            return ()
        written = (("livenessProbe", liveness), ("readinessProbe", readiness), ("startupProbe", startup))
        return tuple([(name, probe) for name, probe in written if probe is not None and probe.handler])


class KeyToPath(Model):
    """Which key of a ConfigMap becomes which file."""

    key: str
    path: str


class ConfigMapVolume(Model):
    """A ConfigMap seen as files."""

    name: str = ""
    items: tuple[KeyToPath, ...] = Field(default=(), strict=False)


class ProjectedSource(Model):
    """One source of a projected volume."""

    config_map: ConfigMapVolume | None = None


class ProjectedVolume(Model):
    """Several sources seen as files of one folder."""

    sources: tuple[ProjectedSource, ...] = Field(default=(), strict=False)


class HostPathVolume(Model):
    """A file or a folder of the node."""

    path: str = ""


class Volume(Model):
    """A volume: its source where rules read it, of the other kinds of source just that it is written."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    host_path: HostPathVolume | None = None
    config_map: ConfigMapVolume | None = None
    projected: ProjectedVolume = Field(default_factory=shared(ProjectedVolume))

    @property
    def sources(self) -> frozenset[str]:
        """The manifest's fields that say where its files come from; the API server lets one pass, or fills in one."""
        known = type(self).model_fields
        written = {field for field in self.model_fields_set if getattr(self, field) is not None} - {"name"}
        return frozenset(known[field].alias or field if field in known else field for field in written or {"emptyDir"})

    @property
    def config_maps(self) -> tuple[ConfigMapVolume, ...]:
        """The ConfigMaps whose keys it shows as files."""
        sources = (self.config_map, *(source.config_map for source in self.projected.sources))
        return tuple(source for source in sources if source is not None)


class OperatingSystem(Model):
    """The pod's operating system."""

    name: str = "linux"


class PodSpec(Model):
    """A pod's specification with Kubernetes' defaults."""

    containers: tuple[Container, ...] = Field(default=(), strict=False)
    init_containers: tuple[Container, ...] = Field(default=(), strict=False)
    ephemeral_containers: tuple[Container, ...] = Field(default=(), strict=False)
    termination_grace_period_seconds: Integer = 30
    active_deadline_seconds: Integer | None = None
    restart_policy: str = "Always"
    host_network: bool = False
    host_pid: Annotated[bool, Field(alias="hostPID")] = False
    host_ipc: Annotated[bool, Field(alias="hostIPC")] = False
    host_users: bool = True
    share_process_namespace: bool = False
    enable_service_links: bool = True
    security_context: PodSecurityContext = Field(default_factory=shared(PodSecurityContext))
    service_account_name: str = ""
    service_account: str = ""
    automount_service_account_token: bool = True
    resources: Resources = Field(default_factory=shared(Resources))
    volumes: tuple[Volume, ...] = Field(default=(), strict=False)
    os: OperatingSystem = Field(default_factory=shared(OperatingSystem))


class Metadata(Model):
    """Names, labels and annotations of an object or a template."""

    name: str = ""
    namespace: str = ""
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)


class PodTemplate(Model):
    """A pod template: what a controller makes pods of."""

    metadata: Metadata = Field(default_factory=shared(Metadata))
    spec: PodSpec


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
    rolling_update: RollingUpdate = Field(default_factory=shared(RollingUpdate))
    canary: RollingUpdate | None = None
    blue_green: Annotated[dict[str, object] | None, Field(strict=False)] = None


class Selector(Model):
    """Which pods a controller takes for its own."""

    match_labels: Texts = Field(default_factory=dict)
    match_expressions: tuple[dict[str, object], ...] = Field(default=(), strict=False)


class JobSpec(Model):
    """What a Job says beside its template; without a deadline it may run for ever."""

    active_deadline_seconds: Integer | None = None


class JobTemplate(Model):
    """The Job that a CronJob makes."""

    spec: JobSpec = Field(default_factory=shared(JobSpec))


class ControllerSpec(JobSpec):
    """What a controller says beside its template.

    `replicas` is None where it leaves the number to a default or an autoscaler. Deployments and Argo's Rollouts have a
    `strategy`, StatefulSets and DaemonSets an `update_strategy`, CronJobs a `job_template`.
    """

    replicas: Integer | None = None
    selector: Selector = Field(default_factory=shared(Selector))
    strategy: Strategy = Field(default_factory=shared(Strategy))
    update_strategy: Strategy = Field(default_factory=shared(Strategy))
    job_template: JobTemplate = Field(default_factory=shared(JobTemplate))
    concurrency_policy: str = "Allow"
