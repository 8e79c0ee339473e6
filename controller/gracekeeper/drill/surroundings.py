"""What the container finds on this machine: its words, its variables, its folder, and what of the pod is missing."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.errors import InputError, SurroundingsError
from gracekeeper_policies.process.environment import Variable, expand
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.provenance import Word

_OURS: Final = ("PATH", "HOME", "LANG")
_ABSOLUTE: Final = re.compile(r"(?<![\w.:/-])/[\w.-]+(?:/[\w.-]+)*")
_ELSEWHERE: Final = frozenset({"/dev", "/proc", "/run", "/sys", "/tmp", "/var"})  # noqa: S108 - they come and go
_HERE: Final = "Run the drill where the application and its server are installed."


class Surroundings(Struct, frozen=True):
    """How the program is started here; `notes` are sentences on what differs from the pod."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    notes: tuple[str, ...]

    @property
    def missing_paths(self) -> tuple[str, ...]:
        """The paths that the command names and that this machine lacks."""
        named = dict.fromkeys(path for word in self.words for path in _ABSOLUTE.findall(word))
        return tuple(path for path in named if not Path(path).exists() and f"/{path.split('/')[1]}" not in _ELSEWHERE)


def surroundings_of(process: PythonProcess, ours: Mapping[str, str]) -> Surroundings:
    """Find on this machine what a container needs; `ours` is the environment that the drill is called in.

    Raises:
        InputError: nothing in the input says what the container runs.
        SurroundingsError: its command is not on this machine.
    """
    if isinstance(process.command, Unknown):
        raise InputError(
            f"what container {process.container.name} runs is not told: {process.command.reason}.",
            "--dockerfile IMAGE=PATH or --image-archive PATH tells it.",
        )
    variables = dict(_variables(process, ours))
    words = tuple(_expanded(word, process, variables) for word in process.command.words)
    folder, of_folder = _folder(process)
    notes = (*of_folder, *_notes(process, ours), *([process.doubt] if process.doubt else ()))
    found = Surroundings(words, variables, folder, notes)
    _expect(words[0], found)
    return found


def _variables(process: PythonProcess, ours: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((name, ours[name]) for name in _OURS if name in ours)
    for name, variable in process.environment.variables.items():
        if isinstance(variable, Known):
            yield name, _with_our_path(name, variable.value, ours)
        elif name in ours:
            yield name, ours[name]


def _with_our_path(name: str, value: str, ours: Mapping[str, str]) -> str:
    # Where the container's programs lie is seldom where ours do.
    return os.pathsep.join(filter(None, (value, ours.get("PATH", "")))) if name == "PATH" else value


def _expanded(word: Word, process: PythonProcess, variables: Mapping[str, str]) -> str:
    # A value that the input lacks is known only here, so the word is expanded once more as it is written.
    spec, path = process.container.spec, word.path
    if not word.unknown or path is None:
        return word.text
    written = spec.command if path[-2] == "command" else spec.args

    def lookup(name: str) -> Variable | None:
        return Known(variables[name], "") if name in variables else None

    return expand(written[int(path[-1])], lookup)[0]


def _folder(process: PythonProcess) -> tuple[str, tuple[str, ...]]:
    here, wanted = str(Path.cwd()), process.working_dir
    if not wanted or wanted == "/":
        return here, ()
    if Path(wanted).is_dir():
        return wanted, ()
    return here, (f"its working directory {wanted} is not on this machine: it runs in the current one",)


def _notes(process: PythonProcess, ours: Mapping[str, str]) -> Iterator[str]:
    for name, variable in process.environment.variables.items():
        if isinstance(variable, Unknown):
            yield f"{variable.reason}: it is {'taken from this environment' if name in ours else 'not set'}"
    for source in process.environment.unseen:
        yield f"the variables of {source} are not in the input"
    beside = [other.container.name for other in process.pod.listening if other is not process]
    if beside:
        yield f"of its pod it runs alone, without {', '.join(beside)}"


def _expect(name: str, found: Surroundings) -> None:
    path = found.environment.get("PATH", "")
    if "/" not in name:
        if shutil.which(name, path=path) is None:
            raise SurroundingsError(f"the command {name} is not on PATH on this machine.", _HERE)
        return
    program = Path(found.folder, name)
    if not program.is_file():
        raise SurroundingsError(f"the command {name} is not on this machine.", _HERE)
    if not os.access(program, os.X_OK):
        raise SurroundingsError(f"the command {name} may not be executed on this machine.")
