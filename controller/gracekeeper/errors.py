"""What ends a run early, each kind with its exit status and a hint.

GracekeeperError
├── InputError             what was given to read holds nothing to judge: status 2
├── ConfigurationError     the call or its settings cannot be followed: status 2
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
