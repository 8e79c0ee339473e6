"""What a run of a script has come to at one point of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.provenance import Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.shell.conduct import Place
    from gracekeeper_policies.process.shell.scope import Scope
    from gracekeeper_policies.process.shell.tree import Part


class Ending(Enum):
    """Why a path through a script goes no further."""

    REPLACED = "the command has taken the shell's place"
    STAYS = "the command never returns"
    EXIT = "exit"
    FAILURE = "exit with a status that tells of a failure"
    RETURN = "return"
    BREAK = "break"


@dataclass(eq=False)
class Step:
    """One command as it was reached.

    `blocked` names the trap that keeps the shell in front of a last command. `job` numbers the background job it
    belongs to, `owns_job` says that it is that very process, `forked` that a subshell or a pipeline stands between it
    and the script's shell, and `is_last` that nothing stands behind it.
    """

    argv: tuple[Word, ...]
    assignments: Mapping[str, Word]
    directory: Word | None
    place: Place
    conditional: bool
    blocked: str = ""
    job: int | None = None
    owns_job: bool = False
    forked: bool = False
    repeats: bool = False
    is_last: bool = False


@dataclass(eq=False)
class Job:
    """A background job: its commands, how often the script waits for it, and with which traps set.

    `is_last_wait_cut` is true where `set -e` ends the script when a signal interrupts that wait, `is_renewed` where an
    endless loop starts the job anew.
    """

    steps: tuple[Step, ...] = ()
    waits: int = 0
    traps: Mapping[str, Word] = field(default_factory=dict)
    is_last_wait_cut: bool = False
    is_renewed: bool = False


class Poll(Struct, frozen=True):
    """A loop of short sleeps, between which traps are run; `endless` where nothing but the trap ends it."""

    seconds: float
    endless: bool


@dataclass(eq=False)
class State:
    """Where a path through the script stands.

    `last` holds the commands that were run last in front, `running` the jobs nobody has waited for, `traps` the actions
    by signal, `has_trapped` whether there ever were any. `ending` says why the path goes no further, `may_break` that a
    branch of it has left the loop, `uncertain` that another path has ended before. `waiting` is true behind a `wait`
    for a server: only a signal leads there.
    """

    scope: Scope
    functions: dict[str, Part] = field(default_factory=dict)
    traps: dict[str, Word] = field(default_factory=dict)
    has_trapped: bool = False
    running: tuple[int, ...] = ()
    last: tuple[Step, ...] = ()
    ending: Ending | None = None
    may_break: bool = False
    errexit: bool = False
    uncertain: bool = False
    waiting: bool = False
    directory: Word | None = None
    poll: Poll | None = None

    def copy(self) -> State:
        """A state that starts out the same and goes its own way."""
        return replace(self, scope=self.scope.copy(), functions=dict(self.functions), traps=dict(self.traps))

    def become(self, other: State) -> None:
        """Go on where the other one stands."""
        self.__dict__.update(other.__dict__)

    def join(self, other: State) -> None:
        """Take in what another branch that also goes on may have left instead."""
        self.scope.join(other.scope)
        self.functions = other.functions | self.functions
        self.traps = other.traps | self.traps
        self.has_trapped = self.has_trapped or other.has_trapped
        self.running = tuple(dict.fromkeys(self.running + other.running))
        self.last = tuple(dict.fromkeys(self.last + other.last))
        self.may_break = self.may_break or other.may_break
        self.uncertain = self.uncertain or other.uncertain
        self.waiting = self.waiting or other.waiting
        if self.directory != other.directory:
            self.directory = Word("", unknown="the folder depends on which branch of the script runs")
