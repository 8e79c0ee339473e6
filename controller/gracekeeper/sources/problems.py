"""What could not be read, and what was left out on purpose: each with its place and a sentence."""

from __future__ import annotations

from msgspec import Struct


class Problem(Struct, frozen=True, order=True):
    """Something in the input that cannot be read.

    `file` is printed as it stands: a path, `-` for standard input. `line` and `column` count from 1; both are 0 where
    no place can be named. `message` says what was found and what was expected.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """`deploy.yaml:3:5: message`, the form that editors and terminals turn into a link."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class Skipped(Struct, frozen=True, order=True):
    """A file or directory that is not judged for a good reason, which is said."""

    file: str
    reason: str


class MalformedError(Exception):
    """A text that cannot be read from `offset` (characters from its start) on.

    `message` is a sentence for the user; where it ends in `on line`, `earlier` is the offset of that line.
    """

    def __init__(self, offset: int, message: str, earlier: int | None = None) -> None:
        """Keep where and what."""
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.earlier = earlier


class GrammarError(MalformedError):
    """The text is not in the language it was taken for: another one, a template, or a slip."""
