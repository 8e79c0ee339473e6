"""What a drill does: how the container starts here, when it is ready, who asks it what, and how it is stopped."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper.drill.address import Address
from gracekeeper.drill.probing import Command, Connect, Get, Question
from gracekeeper.drill.surroundings import Surroundings, surroundings_of
from gracekeeper.errors import InputError
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.process.server import Purpose
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.timeline import timelines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.podspec import Handler, HttpGet
    from gracekeeper_policies.process.pod import Images
    from gracekeeper_policies.timeline import Stop, Timeline

_LEAST_PATIENCE: Final = 60.0
_LOOPBACK: Final = "127.0.0.1"


class Asked(Struct, frozen=True):
    """What the call says: the path of the requests, how many at once, and how long before the signal they are sent.

    `path` and `concurrency` are None where the call leaves them open.
    """

    path: str | None = None
    concurrency: int | None = None
    hold: float = 1.0


class Plan(Struct, frozen=True, kw_only=True):
    """A drill as it will be played.

    `stop` is the way in which the container is stopped, `requests` what is asked at its stop, None of what serves no
    requests; `patience` is how many seconds the start may take, and `limit` says who sets that.
    """

    timeline: Timeline
    stop: Stop
    surroundings: Surroundings
    addresses: tuple[Address, ...]
    readiness: Question | None
    patience: float
    limit: str
    hook: Get | Command | float | None
    signal: int
    requests: Get | None
    latecomers: Get | None
    concurrency: int
    hold: float
    notes: tuple[str, ...]


def plan_of(timeline: Timeline, occasion: str, asked: Asked, ours: Mapping[str, str]) -> Plan:
    """Plan a drill of one container; `ours` is the environment that the drill is called in.

    Raises:
        InputError: the input does not say how, or says what no machine can do.
        SurroundingsError: this machine lacks what it takes.
    """
    container = timeline.container
    if container.on_windows:
        raise InputError(f"container {container.name} runs on Windows, and a drill is Linux' alone.")
    wanted = container.spec.lifecycle.stop_signal or timeline.process.shutdown.stop_signal
    notes = _notes_on_signal(timeline)
    timeline = _stopped_by(timeline, wanted)
    surroundings = surroundings_of(timeline.process, ours)
    addresses = _addresses(timeline)
    get = _asked(container, addresses[0]) if addresses else None
    patience, limit = _patience(timeline)
    requests = timeline.process.requests
    return Plan(
        timeline=timeline,
        stop=_stop(timeline, occasion),
        surroundings=surroundings,
        addresses=addresses,
        readiness=_readiness(container, addresses),
        patience=patience,
        limit=limit,
        hook=_hook(timeline),
        signal=_number(wanted),
        requests=replace(get, path=asked.path or "/") if get else None,
        latecomers=get,
        concurrency=asked.concurrency or (requests and requests.at_once) or 1,
        hold=asked.hold,
        notes=(*notes, *surroundings.notes),
    )


def _notes_on_signal(timeline: Timeline) -> tuple[str, ...]:
    asked, own = timeline.container.spec.lifecycle.stop_signal, timeline.process.shutdown.stop_signal
    if not asked or asked == own:
        return ()
    return (
        f"{asked} is sent, as lifecycle.stopSignal asks; it counts where the feature gate ContainerStopSignals is on",
    )


def _stopped_by(timeline: Timeline, name: str) -> Timeline:
    """The timeline as it is where that signal stops it."""
    process = timeline.process
    if name == process.shutdown.stop_signal:
        return timeline
    pod = PodProcesses(process.container.workload, _with_signal(process.pod.images, name))
    return next(each for each in timelines_of(pod) if each.container is timeline.container)


def _with_signal(images: Images, name: str) -> Images:
    def image(reference: str) -> ImageConfig:
        known = images(reference)
        if not isinstance(known, Unknown):
            return replace(known, stop_signal=name)
        return ImageConfig(
            "the drill",
            entrypoint=known,
            command=known,
            environment_doubt=known.reason,
            user=known,
            working_dir=known,
            stop_signal=name,
        )

    return image


def _number(name: str) -> int:
    base, plus, further = name.partition("+")
    if base not in signal.Signals.__members__ or (plus and not further.isdecimal()):
        raise InputError(f"{name} is no signal of this machine.")
    return signal.Signals[base] + int(further or 0)


def _stop(timeline: Timeline, occasion: str) -> Stop:
    if occasion == "pod":
        return timeline.stop
    found = [stop for stop in timeline.stops if f"{occasion}Probe" in stop.path]
    if not found:
        raise InputError(
            f"container {timeline.container.name} has no {occasion} probe with a grace period of its own.",
            "Then the pod's own holds, which --occasion pod plays.",
        )
    return found[0]


def _addresses(timeline: Timeline) -> tuple[Address, ...]:
    process, container = timeline.process, timeline.container
    if process.server is not None and process.server.purpose in (Purpose.TASKS, Purpose.SCHEDULE):
        return ()
    if not isinstance(process.addresses.binds, Unknown):
        return tuple(Address(bind.host, bind.port) for bind in process.addresses.binds)
    probe = container.spec.readiness_probe
    asked = container.port_number(probe.port) if probe and probe.port is not None else None
    declared = [port.container_port for port in container.spec.ports if port.protocol == "TCP"]
    ports = [asked] if asked else declared[:1]
    return tuple(Address(_LOOPBACK, port) for port in ports)


def _asked(container: Container, address: Address) -> Get:
    # What its readiness probe asks is known to be answered, and its Host header to be believed.
    probe = container.spec.readiness_probe
    http_get = probe.http_get if probe else None
    is_same = http_get is not None and container.port_number(http_get.port) == address.port
    return _get(http_get, address) if http_get is not None and is_same else Get(address)


def _get(http_get: HttpGet, address: Address) -> Get:
    headers = {header.name: header.value for header in http_get.http_headers}
    return Get(address, f"/{http_get.path.lstrip('/')}", headers, is_tls=http_get.scheme.upper() == "HTTPS")


def _address(container: Container, http_get: HttpGet) -> Address:
    port = container.port_number(http_get.port)
    if port is None:
        raise InputError(f"container {container.name} names no port {http_get.port}, which is asked.")
    return Address(http_get.host or _LOOPBACK, port)


def _readiness(container: Container, addresses: tuple[Address, ...]) -> Question | None:
    probe = container.spec.readiness_probe
    opens = Question(Connect(addresses[0])) if addresses else None
    if probe is None or not probe.handler or probe.grpc is not None:
        return opens
    if probe.exec is not None:
        return Question(Command(probe.exec.command), probe.timeout_seconds)
    if probe.http_get is not None:
        return Question(_get(probe.http_get, _address(container, probe.http_get)), probe.timeout_seconds)
    port = container.port_number(probe.port or 0)
    return Question(Connect(Address(_LOOPBACK, port)), probe.timeout_seconds) if port else opens


def _patience(timeline: Timeline) -> tuple[float, str]:
    window, probe = timeline.window, timeline.container.spec.readiness_probe
    if window is not None:
        return window.latest, f", when its {window.probe} probe would restart it"
    asked = probe.initial_delay_seconds + probe.failure_threshold * probe.period_seconds if probe else 0
    declared = timeline.declared_start.value if timeline.declared_start else 0.0
    return max(_LEAST_PATIENCE, asked, declared), ""


def _hook(timeline: Timeline) -> Get | Command | float | None:
    hook: Handler | None = timeline.container.spec.lifecycle.pre_stop
    if hook is None or not timeline.pre_stop.handler:
        return None
    if hook.exec is not None:
        return Command(hook.exec.command)
    if hook.http_get is not None:
        return _get(hook.http_get, _address(timeline.container, hook.http_get))
    return timeline.pre_stop.seconds
