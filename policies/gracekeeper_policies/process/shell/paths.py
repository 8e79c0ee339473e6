"""How the paths through a script part and meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.shell.durations import is_sleep, sleep_of
from gracekeeper_policies.process.shell.state import Ending, Job, Poll, State, Step

if TYPE_CHECKING:
    from collections.abc import Sequence


def rejoin(paths: Sequence[State], state: State) -> list[State]:
    """Let `state` go on as what the paths that go on have in common; return those that stop before."""
    going_on = [path for path in paths if path.ending in (None, Ending.BREAK, Ending.RETURN)]
    stopped = [path for path in paths if path.ending not in (None, Ending.BREAK, Ending.RETURN)]
    if not going_on:
        state.become(stopped.pop())
        return stopped
    endings = {path.ending for path in going_on}
    first, *others = going_on
    for other in others:
        first.join(other)
    first.may_break = first.may_break or Ending.BREAK in endings
    first.ending = endings.pop() if len(endings) == 1 else None
    # Where another branch ends well without coming here, what follows may not run at all.
    first.uncertain = first.uncertain or any(path.ending is not Ending.FAILURE for path in stopped)
    state.become(first)
    return stopped


def leave_loop(state: State, steps: Sequence[Step], *, endless: bool) -> None:
    """Let `state` stand behind a loop that ran the given steps; an endless one has no behind."""
    for step in steps:
        step.repeats = True
    if steps and all(is_sleep(step.argv) for step in steps):
        state.poll = Poll(sum(sleep_of(step.argv) or 0 for step in steps), endless=endless)
    state.ending = None if state.ending is Ending.BREAK else state.ending
    state.may_break = False
    if endless and state.ending is None:
        state.last = tuple(step for step in steps if not is_sleep(step.argv)) or tuple(steps)
        state.ending = Ending.STAYS


def count_waits_of_loop(jobs: Sequence[Job], before: Sequence[int], *, endless: bool) -> None:
    """Count a `wait` in a loop once more: a signal interrupts the first. `before` are the counts ahead of the loop."""
    for number, job in enumerate(jobs):
        if job.waits > (before[number] if number < len(before) else 0):
            job.waits += 1
            job.is_renewed = endless
