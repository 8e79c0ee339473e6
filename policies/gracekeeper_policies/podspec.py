"""The boundary: a pod's manifest, typed, with Kubernetes' defaults filled in.

Models of just the fields that rules read; the rest is ignored. Types are as strict as the API server's: `replicas: "3"`
is refused here as it would be there. A field that is null counts as absent, as in Kubernetes. Defaults are those of
`pkg/apis/core/v1/defaults.go` (Kubernetes 1.36), so that the command line judges what a webhook would see.
"""

from __future__ import annotations

from typing import Final

from msgspec import field
from msgspec.structs import force_setattr

from gracekeeper_policies.model import Integer, Model, Port, Quantity, Texts
from gracekeeper_policies.securityspec import PodSecurityContext, SecurityContext
from gracekeeper_policies.volumespec import Volume, VolumeMount


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


class HttpHeader(Model):
    """A header of an HTTP question."""

    name: str = ""
    value: str = ""


class HttpGet(Model):
    """An HTTP question of a probe or a hook; without a host it goes to the pod's address."""

    port: Port
    path: str = "/"
    scheme: str = "HTTP"
    host: str = ""
    http_headers: tuple[HttpHeader, ...] = ()


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


class Container(Model):
    """A container as written, of whatever role."""

    name: str = ""
    image: str = ""
    image_pull_policy: str = ""
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
