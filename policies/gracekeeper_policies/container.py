"""One container of a pod: what is asked of it, and what it gets from its pod, as the kubelet resolves it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from gracekeeper_policies import model, podspec
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.workload import Workload

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
