"""`gracekeeper diff`: what a change adds and mends, and what it does to shutdowns."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


@pytest.fixture
def sides(folder: Path, good: str, bad: str) -> Path:
    """Two directories: in the second one the grace period is shorter than the drain."""
    for side, file in (("old", good), ("new", bad)):
        (folder / side).mkdir()
        (folder / file).rename(folder / side / f"{side}.yaml")
    return folder


def rules(ran: Any, part: str) -> list[str]:  # noqa: ANN401 - how a call ended
    """The rules of one part of the JSON."""
    return [each["rule"] for each in json.loads(ran.out)[part]]


def git(*arguments: str) -> None:
    """Call git as somebody."""
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], check=True, capture_output=True)


def test_what_is_added_fails(run: Run, sides: Path) -> None:  # noqa: ARG001
    """The finding is told as `check` tells it, and the shutdown's loss too; a file's new name does not count."""
    ran = run("diff", "old", "new")

    assert ran.status == 1
    assert "error  grace-period-too-short" in ran.out
    assert "new/new.yaml:9:7" in ran.out
    said = "Deployment shop/web, container web: this change makes the shutdown worse: 10 s to spare before, 15 s short"
    assert said in " ".join(ran.out.split())
    assert "1 workload after the change: it adds 1 error and mends none." in ran.out


def test_what_is_mended_does_not_fail(run: Run, sides: Path) -> None:  # noqa: ARG001
    """The other way round the same finding is mended."""
    ran = run("diff", "new", "old")

    assert ran.status == 0
    assert "Mended:\n  grace-period-too-short · Deployment shop/web, container web\n" in ran.out
    assert "makes the shutdown better: 15 s short before, 10 s to spare after." in " ".join(ran.out.split())


def test_what_was_there_does_not_fail(run: Run, sides: Path) -> None:  # noqa: ARG001
    """A change is not to blame for what it found."""
    ran = run("diff", "new", "new")

    assert ran.status == 0
    assert ran.out == "1 workload after the change: it adds no finding and mends none.\n"


def test_heavier_finding_is_added(run: Run, sides: Path) -> None:
    """What was a warning for a margin becomes an error."""
    old = sides / "old" / "old.yaml"
    text = old.read_text("utf-8")
    old.write_text(text.replace("PeriodSeconds: 45", "PeriodSeconds: 36"), "utf-8")

    ran = run("diff", "old", "new", "--format", "json")

    assert ran.status == 1
    assert rules(ran, "added") == ["grace-period-too-short"]
    assert rules(ran, "mended") == []


def test_silencing_is_not_mending(run: Run, sides: Path) -> None:
    """An exemption that a change adds is said."""
    text = (sides / "new" / "new.yaml").read_text("utf-8")
    (sides / "exempt").mkdir()
    exemption = 'namespace: shop, annotations: {gracekeeper.dev/exempt: "grace-period-too-short: known"}}'
    (sides / "exempt" / "web.yaml").write_text(text.replace("namespace: shop}", exemption), "utf-8")

    ran = run("diff", "new", "exempt")

    assert ran.status == 0
    assert "Silenced, not mended:\n  grace-period-too-short · Deployment shop/web" in ran.out


def test_revision_is_compared_with_the_working_tree(run: Run, sides: Path) -> None:
    """A revision's name alone means the same path in it."""
    git("init", "--quiet", "--initial-branch=main", ".")
    git("add", "old")
    git("commit", "--quiet", "--message", "good")
    (sides / "old" / "old.yaml").write_text((sides / "new" / "new.yaml").read_text("utf-8"), "utf-8")

    assert rules(run("diff", "main", "old", "--format", "json"), "added") == ["grace-period-too-short"]
    assert rules(run("diff", "git:main:old", "new", "--format", "json"), "added") == ["grace-period-too-short"]
    assert rules(run("diff", "main", "main", "--format", "json"), "added") == []


def test_path_that_is_new_needs_to_be_accepted(run: Run, sides: Path) -> None:  # noqa: ARG001
    """A path that a revision lacks may be a slip."""
    git("init", "--quiet", "--initial-branch=main", ".")
    git("commit", "--quiet", "--allow-empty", "--message", "nothing")

    refused, accepted = run("diff", "main", "new"), run("diff", "main", "new", "--allow-empty", "--format", "json")

    assert refused.status == 2
    assert "nothing of main could be read, so there is nothing to compare." in refused.err
    assert accepted.status == 1
    assert "grace-period-too-short" in rules(accepted, "added")


def test_unread_files_are_told_of_both_sides(run: Run, sides: Path) -> None:
    """What is broken in the new side is status 2; what was broken in the old one is only said."""
    (sides / "old" / "broken.yaml").write_text("apiVersion: v1\nkind: [", "utf-8")

    mended = run("diff", "old", "new", "--fail-on", "never")

    assert run("diff", "old", "old").status == 2
    assert mended.status == 0
    assert "Not read of the old: 1 problem" in mended.out
    assert mended.err.startswith("old/broken.yaml:2:")


def test_missing_side_is_one_sentence(run: Run, sides: Path) -> None:  # noqa: ARG001
    """Neither a file nor a revision."""
    ran = run("diff", "old", "none")

    assert ran.status == 2
    assert "nothing of none could be read" in ran.err
