"""What holds where the cluster says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.standing import Standing
from gracekeeper_policies.policy import STANDARD, Mode

if TYPE_CHECKING:
    from pathlib import Path

WARN = "apiVersion: gracekeeper.dev/v1alpha1\nkind: GracePolicy\nmetadata: {name: ours}\nspec: {mode: warn}\n"


def test_the_built_in_policy_holds_without_a_file() -> None:
    """As it does for `check`."""
    held = Standing(None).in_force("shop")
    assert (held.policies, held.exceptions) == ((STANDARD,), ())


def test_the_file_holds_everywhere(folder: Path) -> None:
    """The same object each time: nothing changes while the operator runs."""
    (folder / "policy.yaml").write_text(WARN, encoding="utf-8")
    standing = Standing(folder / "policy.yaml")
    assert [(policy.name, policy.mode) for policy in standing.in_force("shop").policies] == [("ours", Mode.WARN)]
    assert standing.in_force("shop") is standing.in_force("bank")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(WARN.replace("warn", "warm"), "policy.yaml:4:8: mode: ", id="a mistake"),
        pytest.param("", "is empty", id="nothing"),
        pytest.param(None, "policy.yaml", id="no file"),
    ],
)
def test_a_file_that_cannot_be_followed_ends_the_start(text: str | None, complaint: str, folder: Path) -> None:
    """Under another policy than the one that was meant, every verdict would mislead."""
    if text is not None:
        (folder / "policy.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="the default policy cannot be followed") as refused:
        Standing(folder / "policy.yaml")
    assert complaint in str(refused.value)
