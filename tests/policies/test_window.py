"""How long the probes leave a container that never answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

Timelines = dict[str, Timeline]


@pytest.mark.parametrize(
    ("probe", "earliest", "latest"),
    [
        ("{exec: {}}", 20, 31),
        ("{exec: {}, initialDelaySeconds: 60}", 80, 91),
        ("{exec: {}, failureThreshold: 1}", 0, 11),
        ("{exec: {}, periodSeconds: 5, failureThreshold: 6}", 25, 31),
        ("{exec: {}, periodSeconds: 5, timeoutSeconds: 20}", 10, 65),
        ("{exec: {}, periodSeconds: 0, timeoutSeconds: 0, failureThreshold: 0}", 20, 31),
    ],
)
def test_a_container_that_never_answers_is_killed_in_a_window(
    timelines: Callable[..., Timelines], probe: str, earliest: float, latest: float
) -> None:
    """Refused at once the earliest, timing out the latest: 20 to 31 s by default."""
    window = timelines(f"containers: [{{name: web, livenessProbe: {probe}}}]")["web"].window
    assert window is not None
    assert ("liveness", earliest, latest) == (window.probe, window.earliest, window.latest)


def test_liveness_waits_for_a_startup_probe(timelines: Callable[..., Timelines]) -> None:
    """So the startup probe's window is the first."""
    pod = "containers: [{name: web, livenessProbe: {exec: {}}, startupProbe: {exec: {}, failureThreshold: 30}}]"
    window = timelines(pod)["web"].window
    assert window is not None
    assert ("startup", 290, 301) == (window.probe, window.earliest, window.latest)


@pytest.mark.parametrize("probes", ["readinessProbe: {exec: {}}", "livenessProbe: {}", "livenessProbe: null"])
def test_without_a_probe_that_kills_there_is_no_window(timelines: Callable[..., Timelines], probes: str) -> None:
    """A start may take as long as it likes."""
    assert timelines(f"containers: [{{name: web, {probes}}}]")["web"].window is None
