"""Start-up and shutdown of a container, laid out in seconds as the kubelet does it.

Termination follows `pkg/kubelet/kuberuntime/kuberuntime_container.go` (Kubernetes 1.36): the stop signal comes after
the pre-stop hook, SIGKILL follows max(2, grace − whole seconds already spent) later, and containers stop in parallel,
native sidecars after the main ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.container import Role
from gracekeeper_policies.document import render_path
from gracekeeper_policies.once import once
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.pre_stop import PreStop, pre_stop_of
from gracekeeper_policies.process.preparation import takes_time
from gracekeeper_policies.process.seconds import declared_seconds
from gracekeeper_policies.process.turn import Turn, turn_behind
from gracekeeper_policies.provenance import Default, Known, Unknown, joined
from gracekeeper_policies.window import Window, killing_probes, window_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.launch import Link
    from gracekeeper_policies.process.pod import PodProcesses
    from gracekeeper_policies.process.python_process import PythonProcess

LEAST: Final = 2
"""Seconds between the stop signal and SIGKILL that the kubelet grants whatever the grace period."""


class Stop(Struct, frozen=True):
    """One way in which a container is stopped; times count from the moment the kubelet begins.

    `path` leads to the grace period that holds, `drained` is the latest end of the program's own shutdown: None where
    nothing bounds it or nothing is known of it.
    """

    occasion: str
    path: Path
    grace: int
    signalled: float
    killed: float
    drained: float | None

    @property
    def budget(self) -> float:
        """Seconds between the stop signal and SIGKILL."""
        return self.killed - self.signalled


class Timeline(Struct, frozen=True, eq=False, dict=True):
    """The shutdown and the start-up of one container. `before` are those a native sidecar has to wait for."""

    container: Container
    process: PythonProcess
    before: tuple[Timeline, ...] = ()

    @once
    def pre_stop(self) -> PreStop:
        """The pre-stop hook's certain delay."""
        return pre_stop_of(self.container, self.process.environment.variables)

    @once
    def stop(self) -> Stop:
        """What happens when the pod is told to stop."""
        workload = self.container.workload
        grace = workload.pod.termination_grace_period_seconds
        path = (*workload.pod_path, "terminationGracePeriodSeconds")
        return self._stop("the pod is told to stop", path, grace, self._waited)

    @once
    def stops(self) -> tuple[Stop, ...]:
        """Every way in which it is stopped: with the pod, and by probes that set a grace period of their own."""
        return (self.stop, *self._probe_stops())

    def _probe_stops(self) -> Iterator[Stop]:
        for name, probe in killing_probes(self.container):
            grace = probe.termination_grace_period_seconds
            if grace is not None:
                path = (*self.container.path, name, "terminationGracePeriodSeconds")
                # A probe kills this container alone: it waits for no other.
                yield self._stop(f"its {name.removesuffix('Probe')} probe fails", path, grace, 0.0)

    def _stop(self, occasion: str, path: Path, grace: int, waited: float) -> Stop:
        grace = max(grace, 1)
        signalled = min(max(self.pre_stop.seconds, waited), float(grace))
        killed = signalled + max(LEAST, grace - int(signalled))
        return Stop(occasion, path, grace, signalled, killed, self._drained(signalled))

    @once
    def _waited(self) -> float:
        # A native sidecar is signalled once these are gone: at the latest when each may have been killed.
        ends = [other.stop.killed if other.stop.drained is None else other.stop.drained for other in self.before]
        return max(ends, default=0.0)

    def _drained(self, signalled: float) -> float | None:
        delivery, drain = self.process.delivery, self.process.shutdown.drain
        arrives = self.process.shutdown.arriving_signal or (
            delivery.outcome is Outcome.UNKNOWN and self.process.shutdown.is_declared
        )
        if isinstance(drain, Unknown) or not arrives:
            return None
        limits = [limit for limit in (drain.value, delivery.forced_after) if limit is not None]
        return signalled + self.turn.seconds + min(limits) if limits else None

    @once
    def programs(self) -> tuple[Timeline, ...]:
        """Its own, or those of a supervisor's programs where several of them are servers."""
        process = self.process
        if process.program is not None or not process.supervised:
            return (self,)
        return tuple(Timeline(self.container, each, self.before) for each in process.supervised)

    @once
    def turn(self) -> Turn:
        """How long its supervisor stops others before it gets the signal."""
        return turn_behind(self.process.stopped_before)

    @property
    def left(self) -> float:
        """Seconds between the moment it hears the signal and its end, be it by SIGKILL or by what stands in front."""
        own, forced = self.stop.budget - self.turn.seconds, self.process.delivery.forced_after
        return own if forced is None else min(own, forced)

    @property
    def killer(self) -> Link | None:
        """What stands in front of it and kills it after a time of its own; None where nothing does."""
        forced = self.process.delivery.forced_after
        return next((link for link in self.process.launch.links if link.kills_after == forced is not None), None)

    @property
    def forcing(self) -> Link | None:
        """What stands in front of it and kills it before Kubernetes does; None where nothing does."""
        forced = self.process.delivery.forced_after
        is_earlier = forced is not None and forced < self.stop.budget - self.turn.seconds
        return self.killer if is_earlier else None

    @once
    def needed(self) -> float | None:
        """Seconds from being told to stop to its own end, if nobody kills it; None where nothing bounds them."""
        drained = self._drained(max(self.pre_stop.seconds, *(other.needed or 0.0 for other in self.before), 0.0))
        return None if self.waits_for_unbounded or drained == math.inf else drained

    @property
    def drain_doubt(self) -> str:
        """Why the drain may end otherwise; empty where nothing unseen could change it."""
        drain = self.process.shutdown.drain
        order = "when the containers before it end decides when this one is signalled" if self.before else ""
        own = self.process.server.drain_doubt if self.process.server and not self.process.shutdown.is_declared else ""
        of_drain = drain.doubt if isinstance(drain, Default) else ""
        return joined(self.process.shutdown.doubt, own, of_drain, order, self.turn.doubt)

    @property
    def program_name(self) -> str:
        """What people call the program; the container's name where nothing is known of it."""
        return self.process.name or f"the program of {self.container.name}"

    @property
    def preparation(self) -> tuple[str, ...]:
        """What the script runs before the program and may take its time: `python manage.py migrate`, `pip install`."""
        return tuple(
            dict.fromkeys(command.spoken for command in self.process.launch.preparation if takes_time(command.argv))
        )

    @property
    def waits_for_unbounded(self) -> bool:
        """Whether a native sidecar waits for a main container that nothing bounds: then no grace period is enough."""
        return any(other.stop.drained is None for other in self.before)

    @property
    def drain_source(self) -> str:
        """What sets the limit of the drain, in short: its flag, a variable, a file, an annotation, or the default."""
        drain = self.process.shutdown.drain
        if isinstance(drain, Unknown):
            return drain.reason
        return self.drain_flag if drain.source == render_path(self.drain_path or ()) else drain.source

    @property
    def drain_flag(self) -> str:
        """The server's flag that bounds its drain; empty where it has none or an annotation declares the time."""
        server = self.process.server
        flags = server.option(server.drain).flags if server and server.drain else ()
        return flags[0] if flags and not self.process.shutdown.is_declared else ""

    @property
    def drain_path(self) -> Path | None:
        """The word of the manifest that sets the drain; None where it is set elsewhere or not at all."""
        return self.process.shutdown.drain.path if isinstance(self.process.shutdown.drain, Known) else None

    @property
    def is_unbounded(self) -> bool:
        """Whether the program hears the signal and then waits without any limit."""
        drain = self.process.shutdown.drain
        heard = bool(self.process.shutdown.arriving_signal) and self.process.delivery.forced_after is None
        return heard and isinstance(drain, Default | Known) and drain.value is None

    @once
    def window(self) -> Window | None:
        """The first probe that kills a container that never answers; liveness waits for a startup probe."""
        return window_of(self.container)

    @once
    def declared_start(self) -> Known[float] | None:
        """Seconds from the container's start to its first listening, as the annotation declares them."""
        return declared_seconds(self.container, "startup-seconds")

    @once
    def cold_start(self) -> float | None:
        """Least seconds until an empty application answers: its measured CPU seconds over the CPU limit."""
        server, limit = self.process.server, self.container.limit("cpu")
        if server is None or server.start_cpu_seconds is None:
            return None
        return server.start_cpu_seconds / min(float(limit), 1.0) if limit else server.start_cpu_seconds


def timelines_of(pod: PodProcesses) -> tuple[Timeline, ...]:
    """Lay out the timelines of a pod's containers: a native sidecar's behind the main ones' and the later sidecars'."""
    laid_out: dict[Container, Timeline] = {}
    for process in pod.all:
        if process.container.role is not Role.SIDECAR:
            laid_out[process.container] = Timeline(process.container, process)
    before = tuple(timeline for container, timeline in laid_out.items() if container.role is Role.MAIN)
    for process in reversed([each for each in pod.all if each.container.role is Role.SIDECAR]):
        laid_out[process.container] = Timeline(process.container, process, before)
        before = (*before, laid_out[process.container])
    return tuple(laid_out[process.container] for process in pod.all)
