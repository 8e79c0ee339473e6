"""How long a short command line, such as a pre-stop hook, takes for certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.durations import is_sleep, sleep_of
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.shell.script import read_script
from gracekeeper_policies.provenance import Known, Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash"})


@dataclass(frozen=True)
class Pause:
    """The seconds slept for certain, infinity included, and the commands besides, whose time is unknown."""

    seconds: float
    others: tuple[tuple[Word, ...], ...] = ()


def pause_of(argv: tuple[Word, ...], environment: Mapping[str, Known[str] | Unknown]) -> Pause | Unknown:
    """How long `sleep 10` or `sh -c "sleep 5 && nginx -s quit"` sleeps; Unknown for a script that is not in sight."""
    if is_sleep(argv):
        seconds = sleep_of(argv)
        return (
            Unknown(f"`{' '.join(word.text for word in argv)}` cannot be computed")
            if seconds is None
            else Pause(seconds)
        )
    words = argv[1:] if argv[:1] and _name(argv[0]) == "busybox" else argv
    if not words or _name(words[0]) not in _SHELLS:
        return Pause(0, (argv,) if argv else ())
    call = shell_call(words)
    if call is None or call.script is None:
        return Unknown(f"what {_name(words[0])} runs is not in sight")
    return _pause_of_script(call.script, call.positional, environment)


def _pause_of_script(
    script: Word, positional: tuple[Word, ...], environment: Mapping[str, Known[str] | Unknown]
) -> Pause | Unknown:
    # Which shell it is makes no difference to what sleeps; bash knows the most.
    read = read_script(
        script, Shell.BASH, environment=environment, positional=positional, is_server=lambda _argv: False
    )
    if isinstance(read, Unknown):
        return read
    return Pause(read.slept_seconds, tuple(command.argv for command in read.others))


def _name(word: Word) -> str:
    return word.text.rpartition("/")[2]
