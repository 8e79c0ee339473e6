"""The default policy is read where the operator starts, or it does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.default_policy import default_policies
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import Mode, Profile

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "apiVersion: gracekeeper.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: chart-default}}\n"


def test_without_a_file_nobody_is_denied_anything() -> None:
    """The standard profile, as warnings."""
    (policy,) = default_policies(None, RULES)
    assert (Profile.STANDARD, Mode.WARN) == (policy.profile, policy.mode)


def test_a_file_holds_what_it_says(tmp_path: Path) -> None:
    """In the format of every policy file."""
    file = tmp_path / "gracekeeper.yaml"
    file.write_text(HEAD.format(kind="GracePolicy") + "spec: {profile: strict, mode: audit}\n", encoding="utf-8")
    (policy,) = default_policies(file, RULES)
    assert ("chart-default", Profile.STRICT, Mode.AUDIT) == (policy.name, policy.profile, policy.mode)


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("GracePolicy", "{rules: {run-as-rot: {}}}", "gracekeeper.yaml:4:16: run-as-rot: there is no rule run-as-rot"),
        ("GraceRepository", "{}", "holds a GraceRepository; a default is made of GracePolicies alone"),
        ("GracePolicy", "{mode: warm}", "gracekeeper.yaml:4:8: mode: "),
        ("GracePolicy", "{", "gracekeeper.yaml:"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path: Path, kind: str, spec: str, told: str) -> None:
    """A rollout then stops at its first pod, and the pods before it go on."""
    file = tmp_path / "gracekeeper.yaml"
    file.write_text(HEAD.format(kind=kind) + f"spec: {spec}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="The default policy cannot be read") as caught:
        default_policies(file, RULES)
    assert told in caught.value.message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A mount that was forgotten is no wish for the built-in policy."""
    with pytest.raises(ConfigurationError, match=r"missing\.yaml"):
        default_policies(tmp_path / "missing.yaml", RULES)
