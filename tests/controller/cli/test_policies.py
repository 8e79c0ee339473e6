"""`--policy`, `--profile`, `gracekeeper.yaml` and exceptions, as a user meets them; and `export`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

POLICY = """\
apiVersion: gracekeeper.dev/v1alpha1
kind: GracePolicy
metadata: {name: ours}
spec: {rules: {grace-period-too-short: {mode: warn}}}
"""
EXCEPTION = """\
apiVersion: gracekeeper.dev/v1alpha1
kind: GraceException
metadata: {name: slow, namespace: shop}
spec:
  rules: [grace-period-too-short]
  match: {names: [web]}
  reason: it is drained by hand
  expires: 2099-12-31
"""


@pytest.fixture
def policy(folder: Path) -> str:
    """The name of a file with a policy under which the one error of `bad` is a warning."""
    (folder / "policy").write_text(POLICY, encoding="utf-8")
    return "policy"


def without_policies(ran: Any) -> str:  # noqa: ANN401 - as `run` gives it
    """The findings alone."""
    return str(ran.out).partition("Judged by")[0]


def test_a_named_policy_decides(run: Run, bad: str, policy: str) -> None:
    """And the summary says which one did."""
    ran = run("check", "--policy", policy, bad)

    assert (run("check", bad).status, ran.status) == (1, 0)
    assert "warning  grace-period-too-short" in ran.out
    assert "Judged by policy ours of policy." in ran.out


def test_a_near_policy_is_the_same_as_a_named_one(run: Run, bad: str, policy: str, folder: Path) -> None:
    """`gracekeeper.yaml` is found by itself."""
    named = run("check", "--policy", policy, bad)
    (folder / policy).rename(folder / "gracekeeper.yaml")

    assert without_policies(named) == without_policies(run("check", bad))


def test_a_profile_of_the_call_comes_before_the_policys(run: Run, warned: str, policy: str) -> None:
    """Baseline asks for less than the policy does."""
    assert "1 warning" in run("check", "--policy", policy, warned).out
    assert "no findings under" in run("check", "--policy", policy, "--profile", "baseline", warned).out


def test_a_policy_that_cannot_be_read_is_status_2_and_nothing_is_judged(run: Run, bad: str, folder: Path) -> None:
    """Nobody takes a verdict under another policy for the one that was asked for."""
    (folder / "p.yaml").write_text(POLICY.replace("warn", "off"), encoding="utf-8")
    ran = run("check", "--policy", "p.yaml", bad)

    assert ran.status == 2
    assert ran.err.startswith("p.yaml:4:")
    assert 'write "off" in quotes' in ran.err
    assert ran.out.splitlines()[:2] == [
        "1 document: nothing was judged.",
        "Not judged: the policy could not be read, and under another one the verdict would mislead.",
    ]


@pytest.mark.usefixtures("bad")
def test_an_exception_among_the_manifests_silences_its_finding(run: Run, folder: Path) -> None:
    """It is counted apart and named, in text and in JSON."""
    (folder / "exception.yaml").write_text(EXCEPTION, encoding="utf-8")
    ran = run("check", "--verbose", ".")
    told = json.loads(run("check", "--format", "json", ".").out)

    assert ran.status == 0
    assert "Silenced: 1 finding by exceptions." in ran.out
    assert "GraceException shop/slow until 2099-12-31: it is drained by hand" in ran.out
    assert told["summary"]["suppressed"] == 1
    assert [each["suppressed"] for each in told["findings"]] == [
        "GraceException shop/slow until 2099-12-31: it is drained by hand"
    ]


def test_an_exception_that_has_ended_is_told_without_a_workload(run: Run, bad: str, folder: Path) -> None:
    """It lies in the policy file, and its place is named all the same."""
    (folder / "gracekeeper.yaml").write_text(EXCEPTION.replace("2099", "2001"), encoding="utf-8")
    ran = run("check", bad)
    told = json.loads(run("check", "--format", "json", bad).out)
    (expired,) = [each for each in told["findings"] if each["rule"] == "exception-expired"]

    assert ran.status == 1
    assert "gracekeeper.yaml · GraceException shop/slow" in ran.out
    assert "1 error, 1 warning in 1 workload and 1 exception." in ran.out
    assert (expired["workload"], expired["container"], expired["path"]) == (None, None, "spec.expires")
    assert expired["location"] == {"file": "gracekeeper.yaml", "line": 8, "column": 3}


@pytest.mark.usefixtures("bad")
def test_a_bad_exception_is_status_2_and_the_rest_is_judged(run: Run, folder: Path) -> None:
    """It silences nothing."""
    (folder / "exception.yaml").write_text(EXCEPTION.replace("too-short", "to-short"), encoding="utf-8")
    ran = run("check", ".")

    assert ran.status == 2
    assert ran.err == (
        "exception.yaml:5:11: rules: there is no rule grace-period-to-short; did you mean grace-period-too-short?\n"
    )
    assert "error  grace-period-too-short" in ran.out


def test_a_file_of_exceptions_alone_is_not_empty(run: Run, folder: Path) -> None:
    """It holds what it is meant to hold."""
    (folder / "exception.yaml").write_text(EXCEPTION, encoding="utf-8")
    ran = run("check", "exception.yaml")

    assert (ran.status, ran.err) == (0, "")


@pytest.mark.usefixtures("bad")
def test_a_policy_among_the_manifests_is_told_to_have_no_say(run: Run, folder: Path) -> None:
    """The error stays one."""
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    ran = run("check", ".")

    assert ran.status == 1
    assert "Left out: policy.yaml: GracePolicy has no say among what is checked" in ran.out


def test_whom_no_policy_means_is_told(run: Run, good: str, folder: Path) -> None:
    """Nothing is skipped in silence, nor decided by labels that nobody saw."""
    spec = "spec: {match: {names: [api]}}\n"
    (folder / "p.yaml").write_text(POLICY.replace(POLICY.splitlines()[-1] + "\n", spec), encoding="utf-8")
    named = run("check", "--policy", "p.yaml", good).out
    spec = "spec: {match: {namespaceSelector: {matchLabels: {team: a}}}}\n"
    (folder / "p.yaml").write_text(POLICY.replace(POLICY.splitlines()[-1] + "\n", spec), encoding="utf-8")
    labelled = run("check", "--policy", "p.yaml", good).out

    assert "Left out, since no policy means it: 1 workload: Deployment shop/web." in named
    assert "Not decided: what policies ask of the namespaces shop" in labelled


@pytest.mark.usefixtures("good")
def test_a_repository_leaves_files_out(run: Run, bad: str, folder: Path) -> None:
    """As `--exclude` does, relative to the policy file; `explain` leaves them out too."""
    repository = f"apiVersion: gracekeeper.dev/v1alpha1\nkind: GraceRepository\nspec: {{exclude: [{bad}]}}\n"
    (folder / "gracekeeper.yaml").write_text(repository, encoding="utf-8")
    ran = run("check", ".")

    assert ran.status == 0
    assert f"Left out: {bad}: excluded by gracekeeper.yaml." in ran.out
    assert run("explain", ".").out.count("Deployment shop/web") == 1


def test_the_schema_is_exported(run: Run) -> None:
    """As JSON."""
    ran = run("export", "schema")

    assert (ran.status, json.loads(ran.out)["title"]) == (0, "Gracekeeper policy file")


def test_the_exported_policy_changes_nothing(run: Run, bad: str, folder: Path) -> None:
    """Saved as it is, it finds what the built-in one finds."""
    without = run("check", bad)
    ran = run("export", "policy")
    (folder / "gracekeeper.yaml").write_text(ran.out, encoding="utf-8")

    assert yaml.safe_load(ran.out)["metadata"] == {"name": "standard"}
    assert without.out.partition("Everything was read")[0] == without_policies(run("check", bad))


def test_the_definitions_are_exported(run: Run) -> None:
    """As one text that kubectl applies."""
    ran = run("export", "crds")
    names = [each["metadata"]["name"] for each in yaml.safe_load_all(ran.out)]

    assert (ran.status, names) == (0, ["gracepolicies.gracekeeper.dev", "graceexceptions.gracekeeper.dev"])


def test_what_is_not_exported_is_status_2(run: Run) -> None:
    """An option is offered only once it works."""
    assert run("export", "dashboards").status == 2
