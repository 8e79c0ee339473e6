"""What a shell's script comes to: which commands run, which one stays, and who hears SIGTERM.

`dash`, `bash` and busybox `ash` differ in when they make way for their last command. What each does was measured with
the shell as PID 1 of a PID namespace (dash 0.5.12, bash 5.2, busybox 1.35), and all of it holds for that place only: a
shell that is not PID 1 and sets no trap dies at SIGTERM and leaves its commands behind.
"""

from __future__ import annotations

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.hearing import Hearing
from gracekeeper_policies.process.shell.invocation import ShellCall, shell_call
from gracekeeper_policies.process.shell.script import Command, Script, read_script
from gracekeeper_policies.process.shell.state import Place

__all__ = [
    "Command",
    "Hearing",
    "Place",
    "Script",
    "Shell",
    "ShellCall",
    "read_script",
    "shell_call",
]
