"""The shells that were measured, and what one knows that another does not."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shell(StrEnum):
    """A shell whose behaviour was measured. bash called as `sh` behaves as bash in all that matters here."""

    DASH = "dash"
    BASH = "bash"
    ASH = "busybox ash"


SHELLS: Final[Mapping[str, Shell | None]] = {"sh": None, "bash": Shell.BASH, "dash": Shell.DASH, "ash": Shell.ASH}
"""The names that shells are called by; None where the image decides which one it is."""

_DASH: Final = frozenset({Shell.DASH})
_BOTH: Final = frozenset({Shell.DASH, Shell.ASH})

FOREIGN: Final[Mapping[str, tuple[tuple[str, str, frozenset[Shell]], ...]]] = {
    "process_substitution": (("", "process substitution", _DASH),),
    "herestring_redirect": (("", "`<<<`", _BOTH),),
    "array": (("", "arrays", _BOTH),),
    "function_definition": (("function", "the keyword `function`", _DASH),),
    "test_command": (("[[", "`[[`", _DASH),),
    "compound_statement": (("((", "`((`", _BOTH),),
    "command": (("source", "`source`", _DASH),),
}
"""What belongs to bash alone: the grammar's name, the word it begins with (empty for any), its name, who lacks it."""

SIGNAL_NUMBERS: Final[Mapping[str, str]] = {
    "0": "EXIT",
    "1": "HUP",
    "2": "INT",
    "3": "QUIT",
    "9": "KILL",
    "10": "USR1",
    "12": "USR2",
    "15": "TERM",
}
"""Signals that are written as numbers, by their names."""

_SIGNALS: Final = frozenset({*SIGNAL_NUMBERS.values(), "CHLD", "CONT", "WINCH", "ALRM", "PIPE", "ABRT", "STOP", "TSTP"})
_PSEUDO_SIGNALS: Final[Mapping[Shell, tuple[str, ...]]] = {
    Shell.DASH: (),
    Shell.BASH: ("ERR", "DEBUG", "RETURN"),
    Shell.ASH: ("ERR",),
}


def signal_name(text: str, shell: Shell) -> str | None:
    """`TERM` for `TERM`, `15`, `term` and, where the shell knows the prefix, `SIGTERM`; None for what it does not know.

    dash refuses `trap … SIGTERM` and `kill -SIGTERM` with an error and goes on without.
    """
    name = SIGNAL_NUMBERS.get(text, text.upper())
    if shell is not Shell.DASH:
        name = name.removeprefix("SIG")
    return name if name in _SIGNALS or name in _PSEUDO_SIGNALS[shell] else None
