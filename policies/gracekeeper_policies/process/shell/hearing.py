"""Who hears SIGTERM when it is sent to a shell that is PID 1, and what becomes of the script's commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.shell.conduct import Hearing, Place
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.handlers import Reaction, react
from gracekeeper_policies.process.shell.state import Ending, Job, State, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.provenance import Word

_TWICE: Final = 2


class Outcome(Struct, frozen=True):
    """A verdict on one command: `signal` is what it is sent, `delay` the seconds until the shell looks at its trap."""

    hearing: Hearing
    reason: str
    signal: str = ""
    delay: float = 0
    lingers: bool = False
    doubt: str = ""


def outcome_of(step: Step, state: State, jobs: list[Job], *, from_file: bool) -> Outcome:
    """Judge one command on the path that ended in `state`."""
    shell = state.scope.shell
    if step.place in (Place.EXEC, Place.LAST):
        return Outcome(Hearing.REPLACED, _replacing(step, shell), "TERM")
    if step.forked:
        return _with_exit_trap(state, state.traps, Outcome(Hearing.NOTHING, _FORKED[step.place]))
    if step.job is None:
        return _with_exit_trap(state, state.traps, Outcome(Hearing.NOTHING, _staying(step, shell, from_file=from_file)))
    return _background(step, state, jobs[step.job])


def _replacing(step: Step, shell: Shell) -> str:
    if step.place is Place.EXEC:
        return "`exec` replaces the shell by the command"
    return f"{shell} makes way for the last command of its script"


_FORKED: Final = {
    Place.PIPELINE: "every part of a pipeline is a child of the shell, which passes no signal on",
    Place.SUBSHELL: "the command stands in a subshell, and the shell in front passes no signal on",
    Place.BACKGROUND: "the command runs in the background of a subshell, and the shell in front passes no signal on",
}


def _staying(step: Step, shell: Shell, *, from_file: bool) -> str:
    if "TERM" in step.blocked:
        return f"{shell} runs a trap only after the command in front has ended"
    if step.blocked:
        return f"{step.blocked} keeps {shell} in front of its last command, and it passes no signal on"
    if shell is Shell.DASH:
        return "dash stays in front of every command without `exec`, the last one too, and passes no signal on"
    if from_file:
        return f"{shell} stays in front of every command of a script file without `exec` and passes no signal on"
    return f"{shell} stays in front of the command, as it is not plainly the last one, and passes no signal on"


def _with_exit_trap(state: State, traps: Mapping[str, Word], outcome: Outcome) -> Outcome:
    # Alone among the shells, bash catches TERM as soon as a trap on EXIT is set, and ends even while a command runs.
    if state.scope.shell is Shell.BASH and "EXIT" in traps and "TERM" not in traps:
        return Outcome(
            Hearing.EXITS, "with a trap on EXIT, bash ends at TERM and does not wait for the command in front"
        )
    return outcome


def _background(step: Step, state: State, job: Job) -> Outcome:
    if not job.waits and state.poll is None:
        return _unattended(state)
    traps = job.traps if job.waits else state.traps
    if "TERM" not in traps:
        return _untrapped(step, state, job, traps)
    if not traps["TERM"].text:
        return Outcome(Hearing.NOTHING, "the empty trap makes the shell ignore TERM")
    reaction = react(traps["TERM"], state)
    if reaction.exits and not reaction.waits and "EXIT" in traps:
        # `trap exit TERM` with the real work in the trap on EXIT.
        reaction = react(traps["EXIT"], state)
        reaction.exits = True
    return _trapped(step, state, job, reaction)


def _unattended(state: State) -> Outcome:
    if state.ending is Ending.REPLACED:
        return Outcome(Hearing.NOTHING, "the command runs beside the one that has taken the shell's place")
    if state.last:
        front = state.last[-1].argv[0].text
        return Outcome(
            Hearing.NOTHING, f"the shell waits for `{front}` in front and runs no trap before that has ended"
        )
    return Outcome(Hearing.EXITS, "the script ends without waiting, and the kernel kills what runs in the background")


def _untrapped(step: Step, state: State, job: Job, traps: Mapping[str, Word]) -> Outcome:
    if state.scope.shell is Shell.BASH and "EXIT" in traps:
        reaction = react(traps["EXIT"], state)
        reaction.exits = True
        return _trapped(step, state, job, reaction)
    return Outcome(
        Hearing.NOTHING, "the shell waits, but as PID 1 it ignores TERM without a trap and passes nothing on"
    )


def _trapped(step: Step, state: State, job: Job, reaction: Reaction) -> Outcome:
    delay = state.poll.seconds if state.poll and not job.waits else 0
    signal = reaction.signal_to(step.job)
    if reaction.hits_itself:
        return Outcome(
            Hearing.EXITS, "`kill 0` hits the shell too, which runs its trap again until it crashes", signal, delay
        )
    if reaction.doubt and not signal and not reaction.exits:
        return Outcome(
            Hearing.FORWARDED, "the trap passes the signal on in a way of its own", "TERM", delay, doubt=reaction.doubt
        )
    if signal and not reaction.everyone and not step.owns_job:
        return _intercepted(state)
    if signal == "KILL":
        return Outcome(Hearing.EXITS, "the trap kills the command outright", signal, delay)
    return _answered(state, job, reaction, signal, delay)


def _intercepted(state: State) -> Outcome:
    between = "`$!` is a shell that stands in front of the command, and the signal ends at it"
    # There, ash goes on waiting while the other two end.
    return Outcome(Hearing.NOTHING if state.scope.shell is Shell.ASH else Hearing.EXITS, between)


def _answered(state: State, job: Job, reaction: Reaction, signal: str, delay: float) -> Outcome:
    endless = state.poll is not None and state.poll.endless
    waits_on = job.waits >= _TWICE or (state.poll is not None and not reaction.exits)
    lingers = (endless or job.is_renewed) and not reaction.exits
    if signal and (reaction.waits or (waits_on and not reaction.exits)):
        reason = f"the trap sends {signal} on, and the shell waits for the command"
        return Outcome(Hearing.FORWARDED, reason, signal, delay, lingers, reaction.doubt)
    if signal:
        return Outcome(Hearing.EXITS, f"the trap sends {signal} on, but the shell ends without waiting", signal, delay)
    if reaction.waits_first or (waits_on and not reaction.exits):
        return Outcome(Hearing.NOTHING, "the trap sends no signal on, and the shell waits for the command again")
    return Outcome(Hearing.EXITS, "the trap ends the shell, and the kernel kills the command with it", "", delay)
