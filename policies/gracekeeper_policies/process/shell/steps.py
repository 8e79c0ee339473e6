"""How a program that is started stands to the shell that starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.shell.conduct import Place
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.state import State, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.shell.context import Context
    from gracekeeper_policies.process.shell.tree import Part
    from gracekeeper_policies.provenance import Word


def step_of(
    part: Part, argv: tuple[Word, ...], values: Mapping[str, Word], state: State, context: Context, *, by_exec: bool
) -> Step:
    """Write down a program as it starts: `values` are the assignments in front of it, `by_exec` tells of an `exec`."""
    at_end = part in context.ends
    blocked = blocks_handover(state) if at_end else ""
    own = Place.EXEC if by_exec else Place.LAST if at_end and not blocked else Place.CHILD
    return Step(
        argv,
        state.scope.handed_on() | dict(values),
        state.directory,
        context.place or own,
        context.conditional or state.uncertain,
        blocked,
        context.job,
        owns_job=by_exec or at_end,
        forked=context.forked,
        is_last=part in context.last,
    )


def blocks_handover(state: State) -> str:
    """Which trap keeps the shell in front of a last command; empty where none does."""
    if state.scope.shell is Shell.ASH:
        return "a trap" if state.has_trapped else ""
    holding = [name for name, action in state.traps.items() if name == "EXIT" or action.text or action.unknown]
    return next((f"the trap on {name}" for name in holding if name not in ("DEBUG", "RETURN")), "")
