"""A pre-stop hook that is no delay: its command cannot run, or it stops the server itself."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.launch import SHELLS
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.wrappers import executable
from gracekeeper_policies.provenance import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

_END_OF_COMMAND: Final = re.compile(r"[;&|\n]")
_STOPPING: Final = frozenset({"TERM", "INT", "QUIT", "KILL", "15", "2", "3", "9"})
_KILLERS: Final = frozenset({"pkill", "killall"})
_COREUTILS: Final = frozenset({"sleep", "kill", "cat", "touch", "curl", "wget", "nc", "env", "true"})


def stops_first(command: Sequence[str], server: str) -> bool:
    """Whether a hook's first command stops PID 1, or the server by its name: nothing has been waited for until then."""
    words = _first(tuple(Word(text) for text in command))
    if not words:
        return False
    name, rest = words[0].rpartition("/")[2], words[1:]
    signal, targets = _signal(rest)
    if signal not in _STOPPING:
        return False
    return (name == "kill" and targets == ["1"]) or (name in _KILLERS and targets[-1:] == [server])


def _first(words: tuple[Word, ...]) -> list[str]:
    if not words or executable(words[0]) not in SHELLS:
        return [word.text for word in words]
    call = shell_call(words)
    if call is None or call.script is None:
        return []
    try:
        return shlex.split(_END_OF_COMMAND.split(call.script.text.strip(), maxsplit=1)[0])
    except ValueError:
        return []


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
