"""How a shell runs a command, and what its stop signal means to that command: what a reader of scripts is told."""

from __future__ import annotations

from enum import Enum


class Place(Enum):
    """How a shell runs a command."""

    EXEC = "an explicit exec"
    LAST = "the last command, for which the shell makes way by itself"
    CHILD = "a child that the shell waits for"
    PIPELINE = "a part of a pipeline"
    BACKGROUND = "a background process"
    SUBSHELL = "a command of a subshell"


class Hearing(Enum):
    """What the TERM sent to PID 1 means to a command."""

    REPLACED = "the command has taken the shell's place and gets the signal itself"
    FORWARDED = "the shell passes the signal on and waits for the command to end"
    EXITS = "the shell ends at once, and the kernel kills the command with it"
    NOTHING = "the shell ignores the signal and passes nothing on"
