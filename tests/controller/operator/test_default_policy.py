"""The default policy is read where the operator starts, or it does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.default_policy import default_policy
from gracekeeper.operator.policies import PoliciesLive
from gracekeeper.operator.policy_objects import EXCEPTION_KIND, POLICY_KIND
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import Mode, Profile

if TYPE_CHECKING:
    from pathlib import Path

EXCUSE = {"rules": ["run-as-root"], "reason": "better", "expires": "2027-03-01"}
HEAD = "apiVersion: gracekeeper.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: chart-default}}\n"


def test_without_a_file_nobody_is_denied_anything() -> None:
    """The standard profile, as warnings."""
    (policy,) = default_policy(None, RULES).policies
    assert (Profile.STANDARD, Mode.WARN) == (policy.profile, policy.mode)


def test_a_file_holds_what_it_says(tmp_path: Path) -> None:
    """In the format of every policy file."""
    file = tmp_path / "gracekeeper.yaml"
    file.write_text(HEAD.format(kind="GracePolicy") + "spec: {profile: strict, mode: audit}\n", encoding="utf-8")
    (policy,) = default_policy(file, RULES).policies
    assert ("chart-default", Profile.STRICT, Mode.AUDIT) == (policy.name, policy.profile, policy.mode)


def test_exceptions_in_the_file_hold_as_long_as_it_does(tmp_path: Path) -> None:
    """Beside those of the cluster; with the first GracePolicy the whole file has no say."""
    file = tmp_path / "gracekeeper.yaml"
    spec = "spec: {rules: [run-as-root], reason: legacy, expires: 2027-03-01}\n"
    file.write_text(
        f"{HEAD.format(kind='GracePolicy')}---\n{HEAD.format(kind='GraceException')}{spec}", encoding="utf-8"
    )
    live = PoliciesLive(RULES, default_policy(file, RULES))
    live.put(EXCEPTION_KIND, EXCEPTION_KIND.document({"metadata": {"name": "a", "namespace": "shop"}, "spec": EXCUSE}))
    assert ["legacy", "better"] == [each.reason for each in live.in_force("shop").exceptions]
    live.put(POLICY_KIND, POLICY_KIND.document({"metadata": {"name": "ours"}}))
    assert ["better"] == [each.reason for each in live.in_force("shop").exceptions]


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("GracePolicy", "{rules: {run-as-rot: {}}}", "gracekeeper.yaml:4:16: run-as-rot: there is no rule run-as-rot"),
        ("GraceRepository", "{}", "holds a GraceRepository, which has no meaning in a cluster"),
        ("GracePolicy", "{mode: warm}", "gracekeeper.yaml:4:8: mode: "),
        ("GracePolicy", "{", "gracekeeper.yaml:"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path: Path, kind: str, spec: str, told: str) -> None:
    """A rollout then stops at its first pod, and the pods before it go on."""
    file = tmp_path / "gracekeeper.yaml"
    file.write_text(HEAD.format(kind=kind) + f"spec: {spec}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="the default policy cannot be followed") as caught:
        default_policy(file, RULES)
    assert told in caught.value.message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A mount that was forgotten is no wish for the built-in policy."""
    with pytest.raises(ConfigurationError, match=r"missing\.yaml"):
        default_policy(tmp_path / "missing.yaml", RULES)
