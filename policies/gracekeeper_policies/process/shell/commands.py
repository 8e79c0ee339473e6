"""What a command name does in a shell: its builtins, its functions, and programs."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper_policies.process.shell import variables
from gracekeeper_policies.process.shell.conditions import truth_of_words
from gracekeeper_policies.process.shell.dialect import Shell, signal_name
from gracekeeper_policies.process.shell.grammar import parse
from gracekeeper_policies.process.shell.jobs import jobs_in
from gracekeeper_policies.process.shell.state import Ending, State
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.process.shell.context import Context
    from gracekeeper_policies.process.shell.run import Run
    from gracekeeper_policies.process.shell.tree import Part

Argv = tuple[Word, ...]

_SILENT: Final = frozenset(
    ": [ alias bg bind builtin caller cd complete declare dirs disown echo enable fg getopts hash history jobs let "
    "local mapfile popd printf pushd pwd readarray shopt suspend test times type ulimit umask unalias".split()
)
_FOLLOWERS: Final = frozenset({"-f", "-F", "--follow", "-fn0", "-n0f"})


def run(walk: Run, part: Part, argv: Argv, values: Mapping[str, Word], state: State, context: Context) -> bool | None:
    """Run a simple command; return whether it succeeds, None where that cannot be told."""
    name = argv[0].text if not argv[0].unknown else ""
    if name in ("command", "builtin", "time", "!") and not _only_asks(argv):
        return _behind_prefix(walk, part, argv, values, state, context)
    if name in state.functions:
        return walk.call(state.functions[name], argv, state, context)
    if name == "exec":
        _replace(walk, part, argv, values, state, context)
    elif name == "eval":
        return _evaluate(walk, argv, state, context)
    elif name in (".", "source"):
        return _source(walk, argv, state, context)
    elif name == "wait":
        _wait(walk, argv, state, context)
    elif name in _BUILTINS:
        return _BUILTINS[name](argv, state)
    elif name not in _SILENT and not _only_asks(argv):
        walk.start(part, argv, values, state, context, by_exec=False)
    return truth_of_words(argv) if name == "test" else None


def never_returns(argv: Argv) -> bool:
    """Whether a common program waits for ever by its own words: `tail -f /dev/null`."""
    return argv[0].text.rpartition("/")[2] == "tail" and any(word.text in _FOLLOWERS for word in argv[1:])


def _only_asks(argv: Argv) -> bool:
    return argv[0].text == "command" and len(argv) > 1 and argv[1].text in ("-v", "-V")


def _behind_prefix(
    walk: Run, part: Part, argv: Argv, values: Mapping[str, Word], state: State, context: Context
) -> bool | None:
    rest = argv[1:]
    while rest and rest[0].text in ("-p", "--"):
        rest = rest[1:]
    if argv[0].text in ("time", "!"):
        context = replace(context, ends=frozenset())
    # `command` skips functions; what is timed or asked of `builtin` is run as if it stood alone.
    if argv[0].text == "command":
        state = _without_functions(state)
    return run(walk, part, rest, values, state, context) if rest else None


def _without_functions(state: State) -> State:
    state.functions = {}
    return state


def _replace(walk: Run, part: Part, argv: Argv, values: Mapping[str, Word], state: State, context: Context) -> None:
    rest = argv[1:]
    while rest and rest[0].text.startswith("-") and state.scope.shell is not Shell.DASH:
        rest = rest[2 if rest[0].text == "-a" else 1 :]
    # Without a program, exec only redirects the shell's own output.
    if rest:
        walk.start(part, rest, values, state, context, by_exec=True)


def _evaluate(walk: Run, argv: Argv, state: State, context: Context) -> bool | None:
    if any(word.unknown for word in argv):
        state.scope.unsettle("`eval`")
        return None
    text = replace(state.scope.script, text=" ".join(word.text for word in argv[1:]))
    return _run_text(walk, text, state, context, has_lines=False)


def _run_text(walk: Run, text: Word, state: State, context: Context, *, has_lines: bool) -> bool | None:
    """Run further text in the shell itself, which its words are then placed in."""
    program = parse(text.text, state.scope.shell)
    if isinstance(program, Unknown):
        return None
    outer = state.scope
    state.scope = outer.within(text, has_lines=has_lines)
    walk.run_inside(program.body, state, context)
    state.scope = state.scope.within(outer.script, has_lines=outer.has_lines)
    return None


def _wait(walk: Run, argv: Argv, state: State, context: Context) -> None:
    named = tuple(number for word in argv[1:] for number in jobs_in(word.text, state.scope.shell))
    numbers = [number for number in named or range(len(walk.jobs)) if number < len(walk.jobs)]
    if not named and any(not word.text.startswith("-") for word in argv[1:]):
        numbers = list(state.running)
    waited = [walk.jobs[number] for number in numbers if number in state.running or walk.jobs[number].waits]
    for job in waited:
        job.traps = job.traps if job.waits else dict(state.traps)
        job.waits += not job.is_last_wait_cut
        job.is_last_wait_cut = state.errexit and not context.guarded
    if not state.waiting:
        state.last = tuple(step for job in waited for step in job.steps) or state.last
        state.waiting = any(
            walk.is_server(step.argv) or never_returns(step.argv) for job in waited for step in job.steps
        )
    if not state.waiting:
        state.running = tuple(number for number in state.running if number not in numbers)


def _exit(argv: Argv, state: State) -> bool | None:
    fails = len(argv) > 1 and argv[1].text not in ("0", "$?")
    state.ending = Ending.FAILURE if fails else Ending.EXIT
    return None


def _return(_argv: Argv, state: State) -> bool | None:
    state.ending = Ending.RETURN
    return None


def _break(_argv: Argv, state: State) -> bool | None:
    state.ending = Ending.BREAK
    return None


def _cd(argv: Argv, state: State) -> bool | None:
    target = argv[-1]
    if len(argv) == 1 or target.text == "-":
        target = replace(target, unknown=f"where `{' '.join(word.text for word in argv)}` leads is not known")
    before = state.directory
    if before is not None and not target.text.startswith("/"):
        whole = posixpath.join(before.text, target.text)
        target = replace(target, text=whole, unknown=target.unknown or before.unknown)
    state.directory = target
    return None


def _source(walk: Run, argv: Argv, state: State, context: Context) -> bool | None:
    name = argv[1] if len(argv) > 1 else Word("")
    text = walk.sourced(name, state.directory)
    if text is not None:
        return _run_text(walk, text, state, context, has_lines=True)
    # A virtual environment's `activate` sets paths only; any other file may set anything.
    if not name.text.endswith("/activate"):
        state.scope.unsettle(f"`. {name.text}`" if name.text else "the file it sources")
    return None


def _read(argv: Argv, state: State) -> bool | None:
    for word in argv[1:]:
        state.scope.assign(word.text, replace(word, text=f"${word.text}", unknown=f"{word.text} is read when it runs"))
    return None


def _trap(argv: Argv, state: State) -> bool | None:
    rest = argv[2:] if len(argv) > 1 and argv[1].text == "--" else argv[1:]
    if rest and rest[0].text.startswith("-") and rest[0].text != "-":
        # `trap -p` and its like only print.
        return None
    for word in rest[1:]:
        name = signal_name(word.text, state.scope.shell)
        if name is not None and rest[0].text == "-":
            state.traps.pop(name, None)
        elif name is not None:
            state.traps[name] = rest[0]
            state.has_trapped = state.has_trapped or bool(rest[0].text)
    return None


_BUILTINS: Final[Mapping[str, Callable[[Argv, State], bool | None]]] = {
    "true": lambda _argv, _state: True,
    ":": lambda _argv, _state: True,
    "false": lambda _argv, _state: False,
    "exit": _exit,
    "return": _return,
    "break": _break,
    "continue": lambda _argv, _state: None,
    "cd": _cd,
    "read": _read,
    "set": variables.set_builtin,
    "shift": variables.shift,
    "trap": _trap,
    "kill": lambda _argv, _state: None,
}
