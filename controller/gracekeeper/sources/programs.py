"""Other people's programs that manifests come from: git, helm, kustomize. Their own words reach the user."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS: Final = 120


class ProgramError(Exception):
    """A program is missing, failed or took too long; the message is a sentence, and what the program itself said."""


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
        ProgramError: it cannot be started, ends with another status than 0, or runs longer than two minutes.
    """
    name = command[0].rpartition("/")[2]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - the user asked for it, and no shell reads it
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"{name} took longer than {_SECONDS} s{_words(error.stderr)}") from None
    except OSError as error:
        raise ProgramError(f"{name} cannot be started: {(error.strerror or 'unknown error').lower()}") from None
    if done.returncode:
        raise ProgramError(f"{name} failed with status {done.returncode}{_words(done.stderr)}")
    return done.stdout


def _words(stderr: bytes | None) -> str:
    said = (stderr or b"").decode("utf-8", "backslashreplace").strip()
    return f": {said}" if said else " and said nothing"
