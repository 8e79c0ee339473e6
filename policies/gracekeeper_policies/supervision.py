"""What a program that stands in front of others does to their shutdown, in words: supervisord, honcho, su, timeout."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.wrappers import Passing
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from gracekeeper_policies.process.launch import Link
    from gracekeeper_policies.timeline import Timeline

_MARGIN: Final = 2


def in_file(origin: str) -> str:
    """Where a file is to be changed: `ConfigMap web, supervisord.conf`."""
    return origin.removeprefix(OF_IMAGE) or "its configuration"


def killed(timeline: Timeline) -> str:
    """Who kills the worker, and when: `supervisord kills celery worker 10 s after SIGTERM`."""
    return (
        _forced(timeline, timeline.forcing) or f"the worker is killed {format_seconds(timeline.left)} s after SIGTERM"
    )


def forced(timeline: Timeline) -> str:
    """What stands in front and kills the program by itself, and when; empty where nothing does."""
    return _forced(timeline, timeline.killer)


def _forced(timeline: Timeline, link: Link | None) -> str:
    if link is None:
        return ""
    # honcho/manager.py: it counts from the first that has ended.
    signal = timeline.process.shutdown.arriving_signal or "SIGTERM"
    since = signal if link.passing is not Passing.SPREADS else "the first of its programs has ended"
    return f"{link.name} kills {timeline.program_name} {format_seconds(link.kills_after or 0)} s after {since}"


def waiting(timeline: Timeline) -> str:
    """What a supervisor does first: `supervisord first stops nginx for up to 10 s, then `; empty where nothing."""
    turn = timeline.turn
    if not turn.seconds:
        return ""
    supervisor = next(link.name for link in timeline.process.launch.links if link.limit)
    return f"{supervisor} first stops {' and '.join(turn.names)} for up to {format_seconds(turn.seconds)} s, then "


def longer(timeline: Timeline, seconds: int | None) -> tuple[Advice, ...]:
    """How to let what stands in front wait that long, or as long as Kubernetes does; nothing where nothing does."""
    forcing, before = timeline.killer, timeline.stop.signalled + timeline.turn.seconds
    if forcing is None:
        return ()
    if not forcing.limit:
        apart = "run each program in a container of its own"
        alone = f"start {timeline.program_name} without {forcing.name} in front of it"
        return (Advice(apart if timeline.process.supervised else alone),)
    most = max(int(timeline.stop.killed - before) - _MARGIN, 1)
    needed = math.ceil(before + (seconds or most) + _MARGIN)
    grace = f"with terminationGracePeriodSeconds: {needed} or more" if needed > timeline.stop.grace else ""
    return (Advice(f"write {forcing.limit}={seconds or most} in {in_file(forcing.script)}", grace),)
