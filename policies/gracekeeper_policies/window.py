"""How long the probes leave a container that never answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.podspec import Probe


class Window(Struct, frozen=True):
    """How long a container that never answers lives before a probe kills it, in seconds from its start."""

    probe: str
    path: Path
    earliest: float
    latest: float


def window_of(container: Container) -> Window | None:
    """The first probe that kills a container that never answers; liveness waits for a startup probe."""
    return next((_window(name, probe, container) for name, probe in killing_probes(container)), None)


def killing_probes(container: Container) -> Iterator[tuple[str, Probe]]:
    """The probes whose failure restarts a container, by the names of their fields."""
    for name, probe in (
        ("startupProbe", container.spec.startup_probe),
        ("livenessProbe", container.spec.liveness_probe),
    ):
        if probe is not None and probe.handler:
            yield name, probe


def _window(name: str, probe: Probe, container: Container) -> Window:
    repeats = probe.failure_threshold - 1
    earliest = probe.initial_delay_seconds + repeats * probe.period_seconds
    interval = max(probe.period_seconds, probe.timeout_seconds)
    latest = probe.initial_delay_seconds + probe.period_seconds + repeats * interval + probe.timeout_seconds
    return Window(name.removesuffix("Probe"), (*container.path, name), earliest, latest)
