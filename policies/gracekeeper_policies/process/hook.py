"""A pre-stop hook that is no delay: its command cannot run, or it signals the server itself."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell.dialect import SHELLS
from gracekeeper_policies.process.shell.durations import sleep_of
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.wrappers import executable
from gracekeeper_policies.provenance import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_END_OF_COMMAND: Final = re.compile(r"[;&|\n]")
_STOPPING: Final = {name: f"SIG{name}" for name in ("TERM", "INT", "QUIT", "KILL")} | {
    "15": "SIGTERM",
    "2": "SIGINT",
    "3": "SIGQUIT",
    "9": "SIGKILL",
}
_KILLERS: Final = frozenset({"pkill", "killall"})
_COREUTILS: Final = frozenset({"sleep", "kill", "cat", "touch", "curl", "wget", "nc", "env", "true"})


def stops_first(command: Sequence[str], server: str) -> bool:
    """Whether a hook's first command stops PID 1, or the server by its name: nothing has been waited for until then."""
    first = next(iter(_commands(command)), [])
    return bool(_sent(first, server))


def signals_and_waits(command: Sequence[str], server: str) -> tuple[str, float] | None:
    """The signal that a hook sends PID 1 or the server, and the seconds that it sleeps then.

    None where it sends none, or does something else as well, such as waiting for the server's end.
    """
    commands = iter(_commands(command))
    signal = next(filter(None, (_sent(words, server) for words in commands)), "")
    slept = [sleep_of(tuple(Word(text) for text in words)) for words in commands]
    return (signal, float(sum(filter(None, slept)))) if signal and None not in slept else None


def _sent(words: list[str], server: str) -> str:
    """The stop signal that a command sends PID 1 or the server; empty where it sends none."""
    name = words[0].rpartition("/")[2] if words else ""
    signal, targets = _signal(words[1:])
    meant = (name == "kill" and targets == ["1"]) or (name in _KILLERS and targets[-1:] == [server])
    return _STOPPING.get(signal, "") if meant else ""


def _commands(command: Sequence[str]) -> list[list[str]]:
    """What a hook's command runs one after the other, in words; up to where nobody can tell."""
    words = tuple(Word(text) for text in command)
    if not words or executable(words[0]) not in SHELLS:
        return [[word.text for word in words]]
    call = shell_call(words)
    script = call.script.text.strip() if call and call.script else ""
    return list(_split(_END_OF_COMMAND.split(script)))


def _split(commands: Sequence[str]) -> Iterator[list[str]]:
    for command in commands:
        try:
            words = shlex.split(command)
        except ValueError:
            return
        if words:
            yield words


def _signal(words: list[str]) -> tuple[str, list[str]]:
    """The signal's name and what it is sent to: `-s TERM 1`, `-TERM 1`, `1`."""
    if words[:1] in (["-s"], ["--signal"]) and len(words) > 1:
        return words[1].removeprefix("SIG"), words[2:]
    if words and words[0].startswith("-"):
        signal = words[0].lstrip("-").removeprefix("SIG")
        return ("TERM", words[1:]) if signal == "f" else (signal, words[1:])
    return "TERM", words


def needs_tools(command: Sequence[str]) -> bool:
    """Whether a command is a shell or one of the tools that an image without a shell has not either."""
    name = executable(Word(command[0])) if command else ""
    return name in SHELLS or name in _COREUTILS
