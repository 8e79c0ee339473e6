"""What a command line is read by: the variables and the files that a container is known to have."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from gracekeeper_policies.process.files import NO_FILES, File, Files
from gracekeeper_policies.process.interpreter import started_file
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.wrappers import executable
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.recollection import Variables
    from gracekeeper_policies.process.shell.dialect import Shell

_DEEPEST: Final = 3
_MOST_READINGS: Final = 64
_NOWHERE: Final = "\0"


class Called(Struct, frozen=True):
    """What a shell runs: the script's text, the word that is or names it, and the positional words, `$0` first.

    `doubt` says why it may be another script.
    """

    text: Word
    word: Word
    positional: tuple[Word, ...]
    doubt: str = ""

    @property
    def is_file(self) -> bool:
        """Whether the script stands in a file, and not behind `-c`."""
        return self.text is not self.word


class Sight(Struct, frozen=True):
    """The view of one command line.

    `sh` is the shell that `sh` is taken for. `depth` counts the scripts around the command, and `readings` the files
    that may still be read: scripts may start each other, and themselves.
    """

    sh: Shell
    variables: Variables
    files: Files
    depth: int = 0
    readings: Iterator[int] = field(default_factory=lambda: iter(range(_MOST_READINGS)))

    @property
    def deeper(self) -> Sight:
        """The view of a command in a script."""
        return replace(self, depth=self.depth + 1, files=self.files if self.depth < _DEEPEST else NO_FILES)

    def started(self, word: Word, folder: str) -> File | None:
        """The file that a command's first word starts, `cd` having led to `folder`; None where none is in sight."""
        return self._allowed(started_file(word, self.files, folder, self.variables))

    def called(self, words: tuple[Word, ...], folder: str) -> Called | Unknown:
        """The script that a shell's command line runs."""
        call = shell_call(words)
        if call is not None and call.script is not None:
            # What Kubernetes could not expand stands in it as `$(NAME)`, which the shell's grammar leaves unknown too.
            text = replace(call.script, unknown="")
            return Called(text, text, call.positional)
        named = call.file if call is not None else None
        file = self._allowed(self.files.at(named.text, folder)) if named is not None and not named.unknown else None
        if named is not None and file is not None:
            positional = call.positional if call is not None else ()
            return Called(Word(file.text, file.origin), named, positional, file.doubt)
        spoken = named.spoken if named is not None else "its standard input"
        return Unknown(f"{executable(words[0])} runs {spoken}, which is not in sight")

    def sourced(self, name: Word, folder: str) -> Word | None:
        """The text of a file that `.` reads; None where it is not in sight, or where it would be looked up in PATH."""
        file = self.files.at(name.text, folder) if "/" in name.text and not name.unknown else None
        if file is None or file.doubt or self._allowed(file) is None:
            return None
        return Word(file.text, file.origin)

    def _allowed(self, file: File | None) -> File | None:
        return file if file is not None and next(self.readings, None) is not None else None


def moved(folder: str, directory: Word | None) -> str:
    """Where a script's `cd` leads from a folder."""
    if directory is None:
        return folder
    return posixpath.join(folder, _NOWHERE if directory.unknown else directory.text)
