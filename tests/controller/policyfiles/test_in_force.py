"""Which policies hold: named ones, the file that is near, or the built-in one; and what has no say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import STANDARD, Profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gracekeeper.policyfiles.in_force import InForce

    Around = Callable[[str], str]

EXCEPTION = "{rules: [run-as-root], reason: legacy, expires: 2027-03-01}"


def in_force(*named: str, checked: tuple[str, ...] = (), profile: Profile | None = None) -> InForce:
    """What holds beside some files."""
    return PolicyFiles(named, RULES, "default").in_force(read(checked).documents, profile)


def names(held: InForce) -> list[str]:
    """The names of the policies."""
    return [policy.name for policy in held.policies]


def test_without_a_file_the_built_in_policy_holds(folder: Path) -> None:
    """With no exceptions."""
    held = in_force()
    assert folder.is_dir()
    assert ((STANDARD,), (), ()) == (held.policies, held.exceptions, held.files)


def test_the_nearest_file_above_holds(folder: Path, policy: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in the working directory comes before it."""
    (folder / "gracekeeper.yaml").write_text(policy("{}"))
    (folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(folder / "a" / "b")
    assert (["ours"], ("../../gracekeeper.yaml",)) == (names(in_force()), in_force().files)
    (folder / "a" / "b" / "gracekeeper.yaml").write_text(policy("{}").replace("ours", "mine"))
    assert (["mine"], ("gracekeeper.yaml",)) == (names(in_force()), in_force().files)


def test_named_files_hold_together_and_alone(folder: Path, policy: Around) -> None:
    """The near one has no say then."""
    for name in ("a", "b", "gracekeeper"):
        (folder / f"{name}.yaml").write_text(policy("{}").replace("ours", name))
    assert ["a", "b"] == names(in_force("a.yaml", "b.yaml"))


def test_a_file_without_a_policy_leaves_the_built_in_one(folder: Path, exception: Around) -> None:
    """Its exceptions hold beside it."""
    (folder / "gracekeeper.yaml").write_text(exception(EXCEPTION))
    held = in_force()
    assert ((STANDARD,), 1) == (held.policies, len(held.exceptions))


def test_a_profile_of_the_call_is_every_policys(folder: Path, policy: Around) -> None:
    """Of the built-in one too."""
    (folder / "p.yaml").write_text(policy("{profile: baseline, mode: warn}"))
    assert [Profile.STRICT] == [each.profile for each in in_force("p.yaml", profile=Profile.STRICT).policies]
    assert [Profile.STRICT] == [each.profile for each in in_force(profile=Profile.STRICT).policies]


def test_exceptions_among_what_is_checked_hold(folder: Path, exception: Around) -> None:
    """Wherever they stand."""
    (folder / "e.yaml").write_text(exception(EXCEPTION))
    assert ["batch"] == [each.identity.name for each in in_force(checked=("e.yaml",)).exceptions]


def test_an_exception_counts_once_if_its_file_is_checked_too(folder: Path, exception: Around) -> None:
    """`gracekeeper.yaml` lies in the folder that is checked."""
    (folder / "gracekeeper.yaml").write_text(exception(EXCEPTION))
    held = in_force(checked=(".",))
    assert (1, ()) == (len(held.exceptions), held.misread)


def test_a_policy_among_what_is_checked_has_no_say_and_that_is_told(folder: Path, policy: Around) -> None:
    """A repository's manifests for a cluster do not change how they are judged here."""
    (folder / "p.yaml").write_text(policy("profile: strict"))
    held = in_force(checked=("p.yaml",))
    assert (STANDARD,) == held.policies
    assert ["GracePolicy has no say among what is checked; --policy FILE or a gracekeeper.yaml puts it in force"] == [
        each.reason for each in held.skipped
    ]


def test_an_unknown_kind_of_ours_among_what_is_checked_is_told(folder: Path) -> None:
    """A mistyped exception would silence nothing, unseen; the policy holds all the same."""
    (folder / "e.yaml").write_text("apiVersion: gracekeeper.dev/v1alpha1\nkind: GraceExeption\n")
    held = in_force(checked=("e.yaml",))
    assert ["a policy file holds no GraceExeption; did you mean GraceException?"] == [
        each.message for each in held.misread
    ]
    assert (STANDARD,) == held.policies


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("missing", None, "missing: cannot be read: no such file or directory"),
        ("empty", "", "empty:1:1: is empty, expected a GracePolicy, a GraceException or a GraceRepository"),
        (
            "empty",
            "# only this\n",
            "empty:1:1: is empty, expected a GracePolicy, a GraceException or a GraceRepository",
        ),
        (
            "other",
            "[]",
            "other:1:1: found a list, expected a Kubernetes object: a mapping with `apiVersion` and `kind`",
        ),
        ("binary", "abc\0d", "binary:1:4: found a zero byte: this is binary; Kubernetes manifests are UTF-8 text"),
        (".", None, ".: is a directory, expected a file"),
        ("-", None, "-: a policy is not read from standard input, expected a file"),
    ],
)
def test_under_a_policy_that_cannot_be_read_nothing_is_judged(
    folder: Path, name: str, text: str | None, complaint: str
) -> None:
    """Judging by another one would mislead."""
    if text is not None:
        (folder / name).write_text(text)
    held = in_force(name)
    assert ((), [complaint]) == (held.policies, [str(problem) for problem in held.problems])


def test_text_that_is_no_yaml_is_told_with_its_place(folder: Path) -> None:
    """As for manifests."""
    (folder / "p.yaml").write_text("apiVersion: gracekeeper.dev/v1alpha1\nkind: GracePolicy\nspec: {a: b\n")
    (problem,) = in_force("p.yaml").problems
    assert ("p.yaml", 4) == (problem.file, problem.line)


def test_a_key_that_stands_twice_is_told(folder: Path, policy: Around) -> None:
    """One of two modes would win in silence."""
    (folder / "p.yaml").write_text(policy("mode: warn\nmode: audit"))
    held = in_force("p.yaml")
    assert ["p.yaml:6:3: the key `mode` is set twice in one mapping, first on line 5"] == [
        str(problem) for problem in held.problems
    ]
    assert () == held.policies


def test_a_gracekeeper_yaml_that_is_a_directory_is_told(folder: Path) -> None:
    """Whoever made it meant something."""
    (folder / "gracekeeper.yaml").mkdir()
    assert ["gracekeeper.yaml: is a directory, expected a file"] == [str(each) for each in in_force().problems]


def test_of_two_files_the_one_that_can_be_read_holds(folder: Path, policy: Around) -> None:
    """It finds less than both would, and the other one's mistake is told."""
    (folder / "a.yaml").write_text(policy("{}"))
    (folder / "b.yaml").write_text(policy("rules: {zzz: {}}").replace("ours", "theirs"))
    held = in_force("a.yaml", "b.yaml")
    assert (["ours"], 1) == (names(held), len(held.misread))
