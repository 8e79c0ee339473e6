"""A script read to its end: the commands that stay, and those that run before."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.shell.conduct import Hearing, Place
from gracekeeper_policies.process.shell.context import Context
from gracekeeper_policies.process.shell.durations import is_sleep, sleep_of
from gracekeeper_policies.process.shell.grammar import names_of_jobs, parse
from gracekeeper_policies.process.shell.handover import handed_over, last_of
from gracekeeper_policies.process.shell.hearing import Outcome, outcome_of
from gracekeeper_policies.process.shell.run import Run
from gracekeeper_policies.process.shell.scope import Scope
from gracekeeper_policies.process.shell.state import Ending, State, Step
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gracekeeper_policies.process.recollection import Variables
    from gracekeeper_policies.process.shell.dialect import Shell

_SPOKEN_WORDS: Final = 4
_ON_THE_WAY: Final = (Place.EXEC, Place.LAST, Place.CHILD, Place.SUBSHELL)


class Command(Struct, frozen=True):
    """A command that a script runs.

    `argv` are its words after expansion: `Word.unknown` says where a part cannot be told, and such a word outside
    quotes may be any number of words. `assignments` are the variables that the script sets for it, over the container's
    environment. `directory` is the last `cd`, None where there was none.

    `at_term`, in its `reason`'s words, holds where the shell is PID 1; `signal` is then what the command is sent,
    `delay_seconds` how long the shell may take to look, and `lingers` says that the shell stays although the command
    has ended. `doubt` is empty, or says why `at_term` is presumed only. `conditional` is true in a branch that may not
    be taken, `repeats` in a loop, and `is_last` where nothing stands behind it in the script.
    """

    argv: tuple[Word, ...]
    assignments: Mapping[str, Word]
    place: Place
    at_term: Hearing
    reason: str
    conditional: bool = False
    repeats: bool = False
    directory: Word | None = None
    signal: str = ""
    delay_seconds: float = 0
    lingers: bool = False
    doubt: str = ""
    is_last: bool = False

    @property
    def spoken(self) -> str:
        """The command as a sentence names it, by its first words: `python manage.py migrate`."""
        words = (word.spoken for word in self.argv if not word.text.startswith("--"))
        return " ".join(islice(words, _SPOKEN_WORDS))

    @property
    def condition(self) -> str:
        """Why it may not run after all; empty where it always does."""
        return "the script runs it only on a condition" if self.conditional else ""

    @property
    def replaces_shell(self) -> bool:
        """Whether the command becomes what the shell was, with its process id."""
        return self.at_term is Hearing.REPLACED


class Script(Struct, frozen=True):
    """What a script runs.

    `main` are the commands that stay, those in front before those in the background: one, as a rule; more with
    background processes, pipelines and branches; none where nothing but builtins run. `preparation` runs to its end
    before.
    """

    main: tuple[Command, ...]
    preparation: tuple[Command, ...]

    @property
    def slept_seconds(self) -> float:
        """The seconds that the script sleeps for certain in all; infinite for `sleep infinity`."""
        return sum(sleep_of(command.argv) or 0 for command in self._commands() if _sleeps_for_certain(command))

    @property
    def others(self) -> tuple[Command, ...]:
        """The commands that are no such sleep: how long they take is unknown."""
        return tuple(command for command in self._commands() if not _sleeps_for_certain(command))

    def _commands(self) -> tuple[Command, ...]:
        return self.preparation + self.main


def _sleeps_for_certain(command: Command) -> bool:
    is_plain = command.place in _ON_THE_WAY and not command.conditional and not command.repeats
    return is_plain and sleep_of(command.argv) is not None


def no_files(_name: Word, _directory: Word | None) -> None:
    """Know no file that a script could read in."""


def read_script(
    script: Word,
    shell: Shell,
    *,
    environment: Variables,
    positional: tuple[Word, ...] = (),
    is_server: Callable[[tuple[Word, ...]], bool],
    sourced: Callable[[Word, Word | None], Word | None] = no_files,
    from_file: bool = False,
) -> Script | Unknown:
    """Read the script of `shell -c SCRIPT`, or of a file.

    `environment` is asked for each variable with `get`: None means that nothing in sight sets it. `positional` begins
    with `$0`. `is_server` says whether a command in front never returns by itself; `sourced` gives the text
    of a file that `.` names, behind a `cd`, None where it is not in sight. Unknown where the script cannot be read.
    """
    program = parse(script.text, shell)
    if isinstance(program, Unknown):
        return program
    zeroth = (Word(shell.value),)
    jobs = names_of_jobs(script.text)
    state = State(Scope(shell, script, environment, positional or zeroth, jobs, has_lines=from_file))
    run = Run(is_server, sourced)
    ends = frozenset() if from_file else handed_over(program, shell)
    run.walk(program.body, state, Context(ends, last_of(program)))
    return _script(run, [*run.ends, state], from_file=from_file)


def _script(run: Run, paths: list[State], *, from_file: bool) -> Script:
    staying = [path for path in paths if path.ending not in (Ending.EXIT, Ending.FAILURE)]
    # A script that leaves by `exit` on every path was still doing its last command when it was signalled.
    front = _main_steps(staying, run) or _main_steps(paths, run)
    main = tuple(_command(step, outcome_of(step, path, run.jobs, from_file=from_file)) for step, path in front.items())
    beside = {step for path in paths for number in path.running for step in run.jobs[number].steps}
    before = [step for step in run.steps if step not in front and step not in beside]
    return Script(
        main, tuple(_command(step, outcome_of(step, paths[-1], run.jobs, from_file=from_file)) for step in before)
    )


def _main_steps(paths: list[State], run: Run) -> dict[Step, State]:
    in_front = {step: path for path in paths for step in _in_front(path)}
    behind = {step: path for path in paths for number in path.running for step in run.jobs[number].steps}
    return in_front | {step: path for step, path in behind.items() if step not in in_front}


def _in_front(path: State) -> Iterator[Step]:
    # A loop of sleeps beside background jobs only passes the time for them.
    passes_time = bool(path.running) and path.poll is not None
    yield from (step for step in path.last if not (passes_time and is_sleep(step.argv)))


def _command(step: Step, outcome: Outcome) -> Command:
    return Command(
        step.argv,
        step.assignments,
        step.place,
        outcome.hearing,
        outcome.reason,
        step.conditional,
        step.repeats,
        step.directory,
        outcome.signal,
        outcome.delay,
        outcome.lingers,
        outcome.doubt,
        step.is_last,
    )
