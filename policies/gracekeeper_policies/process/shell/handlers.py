"""What the action of a trap does: whom it signals, whether it waits for them, whether it ends the shell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell import tree
from gracekeeper_policies.process.shell.dialect import Shell, signal_name
from gracekeeper_policies.process.shell.durations import sleep_of
from gracekeeper_policies.process.shell.grammar import parse
from gracekeeper_policies.process.shell.jobs import jobs_in
from gracekeeper_policies.process.shell.words import expand_all
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.shell.state import State
    from gracekeeper_policies.process.shell.tree import Part

_MOST_COMMANDS: Final = 200
_MARKERS: Final = ("0", "-1", "-$$", "-1")
_HARMLESS: Final = frozenset(
    "echo printf date logger sleep true : test [ log rm touch cd export local return set".split()
)
_ASKS: Final = frozenset({"TERM", "INT", "QUIT", "HUP", "USR1", "USR2"})


@dataclass
class Reaction:
    """What a trap's action comes to.

    `jobs` maps each background job it signals to the signal, `everyone` is the signal sent to all processes at once.
    `hits_itself` is true where that includes the shell with the trap still set. `waits` counts a `wait` behind the
    signal, `waits_first` one without any signal before it. `doubt` names a command whose effect cannot be told.
    """

    jobs: dict[int, str] = field(default_factory=dict)
    everyone: str = ""
    hits_itself: bool = False
    waits: bool = False
    waits_first: bool = False
    exits: bool = False
    is_reset: bool = False
    doubt: str = ""

    def signal_to(self, job: int | None) -> str:
        """The signal that reaches a job; empty where none does."""
        return self.everyone or (self.jobs.get(job, "") if job is not None else "")


def react(action: Word, state: State) -> Reaction:
    """Read a trap's action as it would run in the given state."""
    reaction = Reaction()
    for count, argv in enumerate(_commands(action.text, state, 0)):
        if count > _MOST_COMMANDS or reaction.exits:
            break
        _take(argv, reaction, state)
    return reaction


def _commands(text: str, state: State, depth: int) -> Iterator[tuple[Word, ...]]:
    program = parse(text)
    if not isinstance(program, Unknown):
        yield from _flat(program.body, state, depth)


def _flat(part: Part, state: State, depth: int) -> Iterator[tuple[Word, ...]]:
    # Every branch is taken to run: handlers ask `if [ -n "$pid" ]` before they signal.
    if isinstance(part, tree.Simple):
        argv = expand_all(part.words, state.scope)
        body = state.functions.get(argv[0].text) if argv else None
        if body is not None and depth < 4:  # noqa: PLR2004 - deep enough for any handler
            yield from _flat(body, state, depth + 1)
        elif argv:
            yield argv
        return
    for inner in _inner(part):
        yield from _flat(inner, state, depth)


def _inner(part: Part) -> Iterator[Part]:
    if isinstance(part, tree.Sequence):
        yield from (item.part for item in part.items)
    elif isinstance(part, tree.Chain):
        yield from (part.left, part.right)
    elif isinstance(part, tree.Pipeline):
        yield from part.parts
    elif isinstance(part, tree.Group | tree.Subshell | tree.For):
        yield part.body
    elif isinstance(part, tree.While):
        yield from (part.condition, part.body)
    elif isinstance(part, tree.Not):
        yield part.part
    elif isinstance(part, tree.If):
        yield from (each for branch in part.branches for each in branch)
        yield from (part.otherwise,) if part.otherwise is not None else ()


def _take(argv: tuple[Word, ...], reaction: Reaction, state: State) -> None:
    name = argv[0].text
    if name == "kill":
        _take_kill(argv[1:], reaction, state)
    elif name == "wait":
        signalled = bool(reaction.jobs or reaction.everyone or reaction.doubt)
        reaction.waits, reaction.waits_first = reaction.waits or signalled, reaction.waits_first or not signalled
    elif name == "exit":
        reaction.exits = True
    elif name == "trap" and any(signal_name(word.text, state.scope.shell) == "TERM" for word in argv[2:]):
        reaction.is_reset = True
    elif sleep_of(argv) and (reaction.jobs or reaction.everyone):
        reaction.waits = True
        reaction.doubt = f"the trap leaves it the {sleep_of(argv):g} s of its `sleep` only"
    elif name not in _HARMLESS and name != "trap":
        reaction.doubt = f"what `{' '.join(word.text for word in argv[:3])}` in the trap does is not in sight"


def _take_kill(words: tuple[Word, ...], reaction: Reaction, state: State) -> None:
    signal, targets = _signal_and_targets(words, state.scope.shell)
    if signal not in _ASKS and signal != "KILL":
        # `kill -0` only asks, and a name that the shell does not know is an error.
        return
    for target in targets:
        _take_target(target, signal, reaction, state.scope.shell)
    if signal in ("INT", "QUIT") and targets:
        reaction.doubt = f"a script starts background commands with {signal} ignored, unless they ask for it themselves"


def _signal_and_targets(words: tuple[Word, ...], shell: Shell) -> tuple[str, list[str]]:
    texts = [word.text for word in words]
    signal: str | None = "TERM"
    if texts[:1] and texts[0] in ("-s", "-n"):
        signal, texts = signal_name(texts[1], shell) if len(texts) > 1 else None, texts[2:]
    elif texts[:1] and texts[0].startswith("-") and texts[0] != "--":
        signal, texts = signal_name(texts[0][1:], shell), texts[1:]
    texts = texts[1:] if texts[:1] == ["--"] else texts
    return signal or "", texts


def _take_target(target: str, signal: str, reaction: Reaction, shell: Shell) -> None:
    jobs = jobs_in(target, shell)
    if jobs:
        reaction.jobs |= dict.fromkeys(jobs, signal)
    elif "jobs -p" in target:
        # In dash's traps, `jobs -p` prints nothing.
        reaction.jobs |= dict.fromkeys(range(64), signal) if shell is not Shell.DASH else {}
    elif target in _MARKERS:
        reaction.everyone = signal
        reaction.hits_itself = reaction.hits_itself or (target == "0" and signal == "TERM" and not reaction.is_reset)
    elif target and not target.startswith("%"):
        reaction.doubt = f"whom `kill {target}` in the trap reaches is known only when it runs"
