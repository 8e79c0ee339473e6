"""The boundary: a pod's manifest, typed, with Kubernetes' defaults filled in.

Models of just the fields that rules read; the rest is ignored. Types are as strict as the API server's: `replicas: "3"`
is refused here as it would be there. A field that is null counts as absent, as in Kubernetes. Defaults are those of
`pkg/apis/core/v1/defaults.go` (Kubernetes 1.36), so that the command line judges what a webhook would see.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Final, dataclass_transform

from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr


@dataclass_transform(  # tells type checkers that what inherits from it is frozen too
    field_specifiers=(field,), frozen_default=True
)
class Model(Struct, frozen=True, rename="camel"):
    """A strict, frozen model whose fields are written in camelCase in a manifest."""


Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A number as wide as the API server reads at most."""

Quantity = Fraction
Texts = dict[str, str]
Port = Integer | str
"""A port's number or its name."""

Percentage = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}%\Z", description="expected a number or a percentage such as 25%")
]
Portion = Integer | Percentage
"""A number of pods, or a percentage of them."""


class Resources(Model):
    """`resources` of a container or a pod: quantities by resource name, cores and bytes."""

    limits: dict[str, Quantity] = field(default_factory=dict)
    requests: dict[str, Quantity] = field(default_factory=dict)


NO_RESOURCES: Final = Resources()


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

    command: tuple[str, ...] = ()


class Sleep(Model):
    """A pause that the kubelet itself makes."""

    seconds: Integer = 0


_ZERO_MEANS: Final = (
    ("period_seconds", 10),
    ("timeout_seconds", 1),
    ("success_threshold", 1),
    ("failure_threshold", 3),
)


class Probe(Model):
    """A liveness, readiness or startup probe with its numbers filled in; times are whole seconds."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    grpc: Grpc | None = None
    exec: Exec | None = None
    initial_delay_seconds: Integer = 0
    period_seconds: Integer = 10
    timeout_seconds: Integer = 1
    success_threshold: Integer = 1
    failure_threshold: Integer = 3
    termination_grace_period_seconds: Integer | None = None

    def __post_init__(self) -> None:
        """Replace an explicit 0 by its default, as the API server does when it fills in a probe."""
        for name, default in _ZERO_MEANS:
            if not getattr(self, name):
                force_setattr(self, name, default)

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

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


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
    capabilities: Capabilities = Capabilities()
    proc_mount: str = "Default"


class PodSecurityContext(CommonSecurityContext):
    """A pod's security context: what its containers inherit."""

    sysctls: tuple[Sysctl, ...] = ()


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
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: Resources = Resources()
    security_context: SecurityContext = SecurityContext()
    lifecycle: Lifecycle = Lifecycle()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
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
    items: tuple[KeyToPath, ...] = ()


class ProjectedSource(Model):
    """One source of a projected volume."""

    config_map: ConfigMapVolume | None = None


class ProjectedVolume(Model):
    """Several sources seen as files of one folder."""

    sources: tuple[ProjectedSource, ...] = ()


class HostPathVolume(Model):
    """A file or a folder of the node."""

    path: str = ""


class Volume(Model):
    """A volume: its source where rules read it, of the other kinds of source just that it is written."""

    name: str = ""
    host_path: HostPathVolume | None = None
    config_map: ConfigMapVolume | None = None
    projected: ProjectedVolume | None = None
    aws_elastic_block_store: Any = None
    azure_disk: Any = None
    azure_file: Any = None
    cephfs: Any = None
    cinder: Any = None
    csi: Any = None
    downward_api: Any = field(default=None, name="downwardAPI")
    empty_dir: Any = None
    ephemeral: Any = None
    fc: Any = None
    flex_volume: Any = None
    flocker: Any = None
    gce_persistent_disk: Any = None
    git_repo: Any = None
    glusterfs: Any = None
    image: Any = None
    iscsi: Any = None
    nfs: Any = None
    persistent_volume_claim: Any = None
    photon_persistent_disk: Any = None
    portworx_volume: Any = None
    quobyte: Any = None
    rbd: Any = None
    scale_io: Any = field(default=None, name="scaleIO")
    secret: Any = None
    storageos: Any = None
    vsphere_volume: Any = None

    @property
    def sources(self) -> frozenset[str]:
        """The manifest's fields that say where its files come from; the API server lets one pass, or fills in one."""
        fields = zip(self.__struct_fields__[1:], self.__struct_encode_fields__[1:], strict=True)
        return frozenset(written for name, written in fields if getattr(self, name) is not None) or _EMPTY_DIR

    @property
    def config_maps(self) -> tuple[ConfigMapVolume, ...]:
        """The ConfigMaps whose keys it shows as files."""
        projected = self.projected.sources if self.projected else ()
        sources = (self.config_map, *(source.config_map for source in projected))
        return tuple(source for source in sources if source is not None)


_EMPTY_DIR: Final = frozenset({"emptyDir"})


class OperatingSystem(Model):
    """The pod's operating system."""

    name: str = "linux"


class PodSpec(Model):
    """A pod's specification with Kubernetes' defaults."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    ephemeral_containers: tuple[Container, ...] = ()
    termination_grace_period_seconds: Integer = 30
    active_deadline_seconds: Integer | None = None
    restart_policy: str = "Always"
    host_network: bool = False
    host_pid: bool = field(default=False, name="hostPID")
    host_ipc: bool = field(default=False, name="hostIPC")
    host_users: bool = True
    share_process_namespace: bool = False
    enable_service_links: bool = True
    security_context: PodSecurityContext = PodSecurityContext()
    service_account_name: str = ""
    service_account: str = ""
    automount_service_account_token: bool = True
    resources: Resources = Resources()
    volumes: tuple[Volume, ...] = ()
    os: OperatingSystem = OperatingSystem()


class Metadata(Model):
    """Names, labels and annotations of an object or a template."""

    name: str = ""
    namespace: str = ""
    labels: Texts = field(default_factory=dict)
    annotations: Texts = field(default_factory=dict)


class PodTemplate(Model, kw_only=True):
    """A pod template: what a controller makes pods of."""

    metadata: Metadata = Metadata()
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
