"""Errors that end a run: each knows its status, its sentence and its hint."""

from __future__ import annotations

import pytest

from gracekeeper.errors import ConfigurationError, GracekeeperError, InputError, OwnFaultError


@pytest.mark.parametrize(
    ("error", "status"),
    [(InputError("no"), 2), (ConfigurationError("no"), 2), (OwnFaultError(KeyError("web")), 3)],
)
def test_every_error_knows_its_exit_status(error: GracekeeperError, status: int) -> None:
    """What the user can mend is 2, what only we can mend is 3."""
    assert error.exit_status == status


def test_hint_follows_the_sentence() -> None:
    """The sentence says what is wrong, the hint what to do."""
    assert str(ConfigurationError("there is no rule x.", "`gracekeeper rules` lists them.")) == (
        "there is no rule x. `gracekeeper rules` lists them."
    )
    assert str(InputError("there is nothing.")) == "there is nothing."


def test_own_fault_names_the_exception_and_never_its_text() -> None:
    """The text of an exception may quote a manifest, and with it a secret."""
    error = OwnFaultError(ValueError("hunter2"))

    assert "ValueError" in str(error)
    assert "hunter2" not in str(error)
