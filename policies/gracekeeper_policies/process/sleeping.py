"""How long a hook's command certainly takes: the seconds that it sleeps in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.shell.dialect import SHELLS, Shell
from gracekeeper_policies.process.shell.durations import sleep_of
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.wrappers import executable
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.environment import Variable


def exec_sleep(command: tuple[str, ...], variables: Mapping[str, Variable]) -> tuple[float, str]:
    """The seconds a hook's command sleeps, and why it may take longer; the reason is empty where it does not.

    Kubernetes expands nothing in a hook's command; a shell in it sees the container's environment.
    """
    words = tuple(Word(text) for text in command)
    if not words:
        return 0.0, ""
    seconds = sleep_of(words)
    if seconds is not None:
        return float(seconds), ""
    if executable(words[0]) not in SHELLS:
        return 0.0, f"how long {executable(words[0])} takes is not known"
    return _script_sleep(words, variables)


def _script_sleep(words: tuple[Word, ...], variables: Mapping[str, Variable]) -> tuple[float, str]:
    call = shell_call(words)
    if call is None or call.script is None:
        return 0.0, "its script is not in sight"
    from gracekeeper_policies.process.shell.script import read_script  # noqa: PLC0415 - as in `trace`

    # Whatever sh is, it sleeps alike; bash's language holds the others'.
    shell = SHELLS[executable(words[0])] or Shell.BASH
    script = read_script(
        call.script, shell, environment=variables, positional=call.positional, is_server=lambda _: False
    )
    if isinstance(script, Unknown):
        return 0.0, script.reason
    others = ", ".join(dict.fromkeys(executable(other.argv[0]) for other in script.others))
    return float(script.slept_seconds), f"how long {others} takes is not known" if others else ""
