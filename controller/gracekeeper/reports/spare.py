"""What a change does to the time that a shutdown has to spare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.fate import Fate, fate
from gracekeeper_policies.container import Role
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.document import Identity
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Judged, Verdict

_NEVER: Final = float("-inf")


@dataclass(frozen=True)
class Spare:
    """How a container's shutdown fits: `seconds` to spare before SIGKILL, below 0 where they lack, in `words`."""

    seconds: float
    words: str


@dataclass(frozen=True)
class ShutdownChange:
    """A container's shutdown before and after a change, which differ."""

    identity: Identity
    container: str
    before: Spare
    after: Spare

    @property
    def worse(self) -> bool:
        """Whether there is less to spare than before."""
        return self.after.seconds < self.before.seconds

    def __str__(self) -> str:
        """`this change makes the shutdown worse: 25 s to spare before, 5 s short after`."""
        how = "worse" if self.worse else "better"
        return f"this change makes the shutdown {how}: {self.before.words} before, {self.after.words} after"


def shutdown_changes(old: Verdict, new: Verdict) -> list[ShutdownChange]:
    """The main containers whose shutdown a change makes worse or better, as far as it is known on both sides."""
    before = {judged.identity: judged for judged in old.judged}
    pairs = ((before[judged.identity], judged) for judged in new.judged if judged.identity in before)
    return [change for was, now in pairs if was.document.values != now.document.values for change in _changes(was, now)]


def _changes(was: Judged, now: Judged) -> Iterator[ShutdownChange]:
    for timeline in now.timelines:
        name = timeline.container.name
        earlier = was.timeline(name)
        if earlier is None or timeline.container.role is not Role.MAIN:
            continue
        before, after = spare(earlier), spare(timeline)
        if before and after and before != after:
            yield ShutdownChange(now.identity, name, before, after)


def spare(timeline: Timeline) -> Spare | None:
    """How a container's shutdown fits into its grace period; None where nobody knows."""
    stop = timeline.stop
    match fate(timeline, stop):
        case Fate.FINISHES:
            return _seconds(stop.killed - (stop.drained or 0.0))
        case Fate.OVER:
            return _seconds(stop.killed - stop.signalled)
        case Fate.UNBOUNDED:
            return Spare(_NEVER, "no limit of its own")
        case Fate.GOES_ON:
            return Spare(_NEVER, "SIGKILL only, since it never notices the stop,")
        case Fate.UNKNOWN:
            return None


def _seconds(seconds: float) -> Spare:
    words = f"{format_seconds(seconds)} s to spare" if seconds >= 0 else f"{format_seconds(-seconds)} s short"
    return Spare(seconds, words)
