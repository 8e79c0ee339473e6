"""What starts when a file is started: the interpreter that its first line names, as the kernel reads it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.provenance import Known, Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.files import File, Files
    from gracekeeper_policies.process.recollection import Variables

_LONGEST: Final = 256
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SPLITTING: Final = ("-S", "--split-string=")


def started_file(word: Word, files: Files, folder: str, variables: Variables) -> File | None:
    """The file in sight that a command's first word starts, looked up in PATH if it has no slash; else None."""
    if word.unknown or not files:
        return None
    found = (files.at(path, folder) for path in _candidates(word.text, variables))
    return next((file for file in found if file is not None), None)


def _candidates(name: str, variables: Variables) -> Iterator[str]:
    if "/" in name:
        yield name
        return
    path = variables.get("PATH")
    folders = path.value if isinstance(path, Known) else "" if isinstance(path, Unknown) else _PATH
    yield from (f"{folder}/{name}" for folder in folders.split(":") if folder.startswith("/"))


def interpreted(words: tuple[Word, ...], file: File, *, by_kernel: bool) -> tuple[Word, ...] | Unknown:
    """The command line of the interpreter that runs a file: what stands behind `#!`, the file, and its arguments.

    Without such a line it is `sh` that a shell, `env` or an init falls back to; started `by_kernel` alone, it fails.
    """
    named = _named(file.text, by_kernel=by_kernel)
    if not file.is_executable:
        named = Unknown(f"{file.origin} is mounted without the permission to execute it (defaultMode)")
    if isinstance(named, Unknown):
        return Unknown(f"{words[0].spoken} cannot be started: {named.reason}")
    program = words[0]
    return (*(program.part(text) for text in named), program.part(file.path), *words[1:])


def _named(text: str, *, by_kernel: bool) -> tuple[str, ...] | Unknown:
    if not text.startswith("#!"):
        return Unknown("it does not begin with `#!` and an interpreter") if by_kernel else ("sh",)
    line = text[:_LONGEST].partition("\n")[0][2:]
    if line.endswith("\r"):
        return Unknown("its first line ends in CR LF, and no interpreter has the CR in its name")
    program, _, argument = line.strip(" \t").replace("\t", " ", 1).partition(" ")
    if not program:
        return Unknown("its first line names no interpreter")
    return (program, *_arguments(program, argument.strip(" \t")))


def _arguments(program: str, argument: str) -> tuple[str, ...]:
    # The kernel passes all of it on as one word, which only `env -S` takes apart.
    splitting = next((flag for flag in _SPLITTING if argument.startswith(flag)), None)
    if not program.endswith("/env") or splitting is None:
        return (argument,) if argument else ()
    try:
        return tuple(shlex.split(argument.removeprefix(splitting)))
    except ValueError:
        return (argument,)
