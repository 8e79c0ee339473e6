"""What ends a run early, each kind with its exit status and a hint.

GracekeeperError
├── InputError             what was given to read holds nothing to judge: status 2
├── ConfigurationError     the call or its settings cannot be followed: status 2
├── SurroundingsError      this machine cannot do what is asked: status 2
│   └── StartError         the program that is drilled does not start or stay: status 2
└── OwnFaultError          our own mistake: status 3

A manifest that is broken is none of these: it is reported with its place, and the rest is judged.
"""

from __future__ import annotations

from typing import ClassVar


class GracekeeperError(Exception):
    """The root: a sentence for the user, and what to do about it."""

    exit_status: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the sentence and the hint; either may be shown alone."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The sentence, then the hint."""
        return f"{self.message} {self.hint}".strip()


class InputError(GracekeeperError):
    """There is nothing to judge in what was given."""


class ConfigurationError(GracekeeperError):
    """The call or its settings cannot be followed."""


class SurroundingsError(GracekeeperError):
    """This machine lacks what the call needs."""


class StartError(SurroundingsError):
    """The program that is drilled does not come so far; `output` are the last lines that it wrote."""

    def __init__(self, message: str, hint: str = "", output: tuple[str, ...] = ()) -> None:
        """Keep the lines beside the sentence and the hint."""
        super().__init__(message, hint)
        self.output = output

    def __str__(self) -> str:
        """The sentence, the hint, then what the program wrote."""
        lines = [super().__str__(), "It wrote:" if self.output else "It wrote nothing.", *self.output]
        return "\n    ".join([" ".join(lines[:2]), *lines[2:]])


class OwnFaultError(GracekeeperError):
    """We made a mistake; `trouble` is the exception that showed it."""

    exit_status = 3

    def __init__(self, trouble: BaseException) -> None:
        """Name the exception; its text is left out, since it may quote a manifest."""
        super().__init__(
            f"Gracekeeper itself failed ({type(trouble).__name__}); please report this.",
            "--verbose or GRACEKEEPER_DEBUG=1 shows where it happened.",
        )
        self.trouble = trouble
