"""Other people's programs that manifests come from: git, helm, kustomize. Their own words reach the user."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from gracekeeper.sources.limits import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS: Final = 120
_LOOK: Final = 0.5  # seconds between two looks at how much was printed
_MOST: Final = 4 * MAX_BYTES
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class ProgramError(Exception):
    """A program is missing, failed or took too long; the message is a sentence, and what the program itself said.

    `words` are the program's alone, empty where it has not failed by itself.
    """

    def __init__(self, message: str, words: str = "") -> None:
        """Keep both."""
        super().__init__(message)
        self.words = words


class NothingThereError(ProgramError):
    """A revision holds nothing at a path."""


def find(*names: str) -> str:
    """Give the path of the first of these programs that there is.

    Raises:
        ProgramError: there is none of them.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise ProgramError(f"{' or '.join(names)} is needed for this and is not on PATH; install it")
    return found


def run(command: Sequence[str], *, stdin: bytes = b"") -> bytes:
    """Give what a program prints.

    Raises:
        ProgramError: it cannot be started, ends with another status than 0, runs longer than two minutes, or does not
            stop printing.
    """
    name = command[0].rpartition("/")[2]
    # Files, since a pipe stays open as long as a helper of a program that was ended.
    with TemporaryFile() as given, TemporaryFile() as printed, TemporaryFile() as said:
        given.write(stdin)
        given.seek(0)
        try:
            # In a session of its own nothing can ask for a password, and all that it started ends with it.
            process = subprocess.Popen(command, stdin=given, stdout=printed, stderr=said, start_new_session=True)  # noqa: S603 - the user asked for it, and no shell reads it
        except (OSError, ValueError) as error:
            raise ProgramError(f"{name} cannot be started: {_reason(error)}") from None
        fault = _watched(process, printed, said)
        words = _words(_all(said))
        if fault:
            raise ProgramError(f"{name} {fault}{words}")
        if process.returncode:
            raise ProgramError(f"{name} failed with status {process.returncode}{words}", words.removeprefix(": "))
        return _all(printed)


def run_for_text(command: Sequence[str]) -> str:
    """Give what a program prints, as text with bare newlines.

    Raises:
        ProgramError: as for `run`, or it prints something else than UTF-8.
    """
    output = run(command)
    try:
        return output.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        name, line = command[0].rpartition("/")[2], output.count(b"\n", 0, error.start) + 1
        raise ProgramError(
            f"{name} printed a byte that is not UTF-8, \\x{output[error.start]:02x} on line {line}"
        ) from None


def _watched(process: subprocess.Popen[bytes], *outputs: IO[bytes]) -> str:
    """Wait for a program, and end it where it takes or prints too much; gives what is wrong with it."""
    try:
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK)
            if any(os.fstat(output.fileno()).st_size > _MOST for output in outputs):
                return f"printed more than {_MOST >> 20} MiB, which no manifests are"
            if process.returncode is not None:
                return ""
        return f"took longer than {_SECONDS} s"
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _all(output: IO[bytes]) -> bytes:
    output.seek(0)
    return output.read(_MOST)


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _words(stderr: bytes) -> str:
    """All that a program said, with nothing in it that a terminal would obey."""
    said = stderr.decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip()
    said = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", said)
    return f": {said}" if said else " and said nothing"
