"""The processes of one pod, and what they answer together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.python_process import PythonProcess
from gracekeeper_policies.provenance import Unknown, joined

if TYPE_CHECKING:
    from gracekeeper_policies.workload import Workload

Images: TypeAlias = Callable[[str], ImageConfig | Unknown]
"""Image reference → what is known of the image."""


class Unbound(Struct, frozen=True):
    """A port that nobody in a pod is known to bind; `doubt` is empty, or says who might bind it after all."""

    doubt: str


class PodProcesses(Struct, frozen=True, eq=False, dict=True):
    """The processes of one pod's containers."""

    workload: Workload
    images: Images

    @once
    def all(self) -> tuple[PythonProcess, ...]:
        """One process for each container, in their order."""
        return tuple(
            PythonProcess(container, self.images(container.spec.image), self) for container in self.workload.containers
        )

    @property
    def listening(self) -> tuple[PythonProcess, ...]:
        """The processes that live as long as the pod, so that a probe or a Service may ask them."""
        return tuple(process for process in self.all if process.container.serves)

    @once
    def server(self) -> PythonProcess | None:
        """The process that traffic is sent to; None for workers and Jobs, and where certainly no Service sends any."""
        workload = self.workload
        unserved = workload.is_job or workload.is_knative or (workload.neighbours.complete and not workload.services)
        return None if unserved else next((process for process in self.listening if process.serves_requests), None)

    @property
    def first_known(self) -> PythonProcess | None:
        """The first process whose addresses are known; None where there is none."""
        return next((process for process in self.listening if not isinstance(process.addresses.binds, Unknown)), None)

    def declared_port(self, name: str, protocol: str) -> int | None:
        """What a Service's named target port leads to: looked up in the main containers, then in native sidecars."""
        declared = (port for process in self.listening for port in process.container.spec.ports)
        return next((port.container_port for port in declared if (port.name, port.protocol) == (name, protocol)), None)

    def unbound(self, port: int) -> Unbound | None:
        """Tell whether nobody in the pod binds a port: proven, suspected, or None where somebody does or well may.

        A process whose addresses are not known may bind any port; it is believed to bind those its container declares.
        """
        if any(process.addresses.may_include(port) for process in self.listening):
            return None
        return Unbound(joined(*(process.addresses.doubt for process in self.listening)))
