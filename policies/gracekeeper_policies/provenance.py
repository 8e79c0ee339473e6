"""Values that know where they came from.

A timeout that a flag sets, a timeout that is a server's default and a timeout that nobody can tell are three different
things, and a verdict must not confuse them. Each value read out of a manifest is therefore one of `Known`, `Default`
and `Unknown`; findings quote the source as evidence.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path

LONGEST_SPOKEN: Final = 80
"""Characters of a manifest's text that a sentence quotes at most."""

AT_RUN_TIME: Final = " is known only when it runs"
"""How the reason ends for what a shell works out: the expression stands before it."""

T = TypeVar("T", covariant=True)


class Certainty(enum.Enum):
    """Whether a finding follows from what was read and proved, or might not hold."""

    PROVEN = "proven"
    SUSPECTED = "suspected"


def spoken(text: str) -> str:
    """A text of a manifest as a sentence quotes it: on one line, at most `LONGEST_SPOKEN` characters."""
    line = " ".join(text[: 2 * LONGEST_SPOKEN].split())
    return line if len(line) <= LONGEST_SPOKEN else f"{line[: LONGEST_SPOKEN - 1]}…"


def joined(*doubts: str) -> str:
    """All doubts that are not empty, each once: `the first; the second`."""
    return "; ".join(dict.fromkeys(filter(None, doubts)))


class Known(Struct, Generic[T], frozen=True):
    """A value that was read; `source` says where in words, `path` where in the workload's own manifest, if there."""

    value: T
    source: str
    path: Path | None = None


class Default(Struct, Generic[T], frozen=True):
    """What holds when nobody sets anything.

    `owner` is whose default it is, with the version it was proved on (`gunicorn 27.0.1`). `doubt` is empty, or names
    what the manifest mentions but the input lacks and could set the value after all: then it proves nothing.
    """

    value: T
    owner: str
    doubt: str = ""

    @property
    def source(self) -> str:
        """`default of gunicorn 27.0.1`."""
        return f"default of {self.owner}"


class Unknown(Struct, frozen=True):
    """A value that cannot be told; `reason` says why in a clause that can end a sentence."""

    reason: str


class Absent(Struct, frozen=True):
    """What certainly nothing sets."""


Sourced: TypeAlias = Known[T] | Default[T] | Unknown


class Word(Struct, frozen=True, cache_hash=True):
    """One word of a command line.

    `text` is the word after expansion. Where a part of it could not be told, `unknown` says why and `text` keeps that
    part as it was written. `source` and `path` say where the word stands: `path` is None outside the manifest.
    """

    text: str
    source: str = ""
    path: Path | None = None
    unknown: str = ""

    @property
    def untold(self) -> str:
        """What a shell works out in its place, as the script writes it: `$(nproc)` for `$WORKERS`, set to that."""
        return self.unknown.removesuffix(AT_RUN_TIME) if self.unknown.endswith(AT_RUN_TIME) else self.text

    @property
    def spoken(self) -> str:
        """The word as a sentence quotes it: on one line, and cut where it is long."""
        return spoken(self.text)

    def part(self, text: str) -> Word:
        """A piece of this word (the value in `--bind=:8000`), with the same source and the same doubt."""
        return Word(text, self.source, self.path, self.unknown)
