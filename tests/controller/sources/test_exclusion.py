"""What git ignores and what the user excludes is left out of directories, as git itself would, and it is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gracekeeper.sources.exclusion import globs
from gracekeeper.sources.files import find
from gracekeeper.sources.problems import Skipped

EXCLUDED = "excluded by --exclude"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and a git without a user's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    return tmp_path


def git(*arguments: str) -> str:
    """Run git here and give what it prints."""
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


def write(**contents: str) -> None:
    """Write files by path, with `__` for a slash."""
    for path, content in contents.items():
        lay(path.replace("__", "/"), content)


def lay(path: str, content: str = "") -> None:
    """Write one file."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


def names(*paths: str) -> list[str]:
    """The files that are read of these paths."""
    return [file.shown for file in find(paths or (".",)).files]


def test_files_and_directories_that_git_ignores_are_left_out() -> None:
    """A directory is left out as a whole: what lies in it is not even looked at."""
    for path in ("a.yaml", "a.local.yaml", "build/a.yaml", "deploy/build/b.yaml", "deploy/c.yaml"):
        lay(path)
    lay(".gitignore", "# made\nbuild/\n*.local.yaml\n")

    found = find(["."])

    assert [file.shown for file in found.files] == ["a.yaml", "deploy/c.yaml"]
    assert found.skipped == tuple(Skipped(path, "ignored by git") for path in ("a.local.yaml", "build", "deploy/build"))


def test_patterns_below_override_those_above() -> None:
    """The nearest `.gitignore` speaks first, and may take a file in again."""
    for path in ("a.yaml", "sub/a.yaml", "sub/b.yaml", "sub/deep/a.yaml"):
        lay(path)
    lay(".gitignore", "*.yaml\n")
    lay("sub/.gitignore", "!a.yaml\n")

    assert names() == ["sub/a.yaml", "sub/deep/a.yaml"]


def test_patterns_of_parents_count_up_to_the_root_of_the_repository() -> None:
    """Who checks a folder of a repository gets what git sees there; what lies above the repository is not asked."""
    lay(".gitignore", "*\n")
    for path in ("repo/apps/a.yaml", "repo/apps/made.yaml"):
        lay(path)
    lay("repo/.gitignore", "/apps/made.yaml\n")
    git("init", "repo")

    assert names("repo/apps") == ["repo/apps/a.yaml"]


def test_without_a_repository_parents_do_not_count() -> None:
    """An unpacked archive is what lies in it."""
    lay(".gitignore", "*\n")
    lay("archive/a.yaml")

    assert names("archive") == ["archive/a.yaml"]


def test_what_is_named_is_read() -> None:
    """A file or directory that is named on the command line is wanted, whatever git or a pattern says."""
    for path in ("a.yaml", "build/a.yaml", "build/made/b.yaml"):
        lay(path)
    lay(".gitignore", "a.yaml\nbuild/\n")
    lay("build/.gitignore", "made/\n")
    git("init")

    assert names("a.yaml") == ["a.yaml"]
    assert names("build") == ["build/a.yaml"]
    assert find([".", "a.yaml"]).skipped == (Skipped("build", "ignored by git"),)
    assert [each.shown for each in find(["a.yaml"], [globs(["*"], ".", EXCLUDED)]).files] == ["a.yaml"]


def test_the_excludes_of_a_repository_count() -> None:
    """`info/exclude` is read, in a worktree too, and a `.gitignore` overrides it."""
    git("init", "repo")
    lay("repo/.git/info/exclude", "mine.yaml\nkept.yaml\n")
    lay("repo/.gitignore", "!kept.yaml\n")
    git("-C", "repo", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--allow-empty", "-m", "first")
    git("-C", "repo", "worktree", "add", "../tree")
    for path in ("repo/mine.yaml", "repo/kept.yaml", "tree/mine.yaml", "tree/other.yaml"):
        lay(path)

    assert names("repo", "tree") == ["repo/kept.yaml", "tree/other.yaml"]


def test_a_repository_in_a_repository_has_its_own_patterns() -> None:
    """Git does not look into it, so the patterns around it do not count in it."""
    for path in ("a.yaml", "module/a.yaml", "module/b.yaml"):
        lay(path)
    lay(".gitignore", "a.yaml\n")
    lay("module/.gitignore", "b.yaml\n")
    git("init")
    git("init", "module")

    assert names() == ["module/a.yaml"]


def test_all_but_manifests_may_be_ignored() -> None:
    """A repository may ignore everything and take in what it holds, by `!*/` and a pattern."""
    for path in ("a.yaml", "a.json", "sub/deep/b.yaml"):
        lay(path)
    lay(".gitignore", "*\n!*/\n!*.yaml\n")

    assert names() == ["a.yaml", "sub/deep/b.yaml"]


@pytest.mark.parametrize("content", ["\ufeffa.yaml\n", "a.yaml\r\n", "a.yaml   ", "[\n!\na.yaml", "#b.yaml\n\na.yaml"])
def test_unusual_files_are_read_as_git_reads_them(content: str) -> None:
    """A byte-order mark, carriage returns, spaces, broken patterns, comments, a missing newline."""
    lay("a.yaml")
    lay("b.yaml")
    Path(".gitignore").write_bytes(content.encode())

    assert names() == ["b.yaml"]


def test_a_gitignore_that_is_no_file_ignores_nothing() -> None:
    """Git follows no link there, and a pipe would never end."""
    lay("a.yaml")
    lay("patterns", "a.yaml")
    Path(".gitignore").symlink_to("patterns")
    os.mkfifo("sub.fifo")
    lay("sub/b.yaml")
    os.mkfifo("sub/.gitignore")

    assert names() == ["a.yaml", "sub/b.yaml"]


PARTS = st.sampled_from(["a", "b", "a.yaml", "b.yaml", "*", "*.yaml", "**", "a*", "?.yaml", "[ab]"])
PATTERN = st.builds(
    lambda negated, anchored, parts, directory: f"{negated}{anchored}{'/'.join(parts)}{directory}",
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(PARTS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
# Of `a/**/`, which nobody writes, pathspec believes that it means `a`.
PATTERNS = st.lists(PATTERN.filter(lambda pattern: not pattern.endswith("/**/")), max_size=4).map("\n".join)
TREE = [f"{folder}{name}.yaml" for folder in ("", "a/", "b/", "a/a/", "a/b/", "b/a/") for name in "ab"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=PATTERNS, below=PATTERNS)
def test_it_agrees_with_git(folder: Path, top: str, below: str) -> None:
    """Whatever the patterns are, and at two heights, what is read is what git does not ignore."""
    _laid_out(folder)
    lay(".gitignore", top)
    lay("a/.gitignore", below)

    assert _of_git() == names()


def _laid_out(folder: Path) -> None:
    if not (folder / ".git").is_dir():
        git("init")
        for path in TREE:
            lay(path)


def _of_git() -> list[str]:
    listed = git("ls-files", "--others", "--exclude-standard").splitlines()
    return sorted(path for path in listed if path.endswith(".yaml"))


def test_globs_are_relative_to_their_folder() -> None:
    """A pattern with a slash starts at the folder that it was given with, wherever the search begins."""
    for path in ("deploy/a.yaml", "deploy/old/a.yaml", "old/a.yaml"):
        lay(path)
    excludes = [globs(["/old", "deploy/old/"], ".", EXCLUDED)]

    assert ["deploy/a.yaml"] == [file.shown for file in find(["."], excludes).files]
    assert ["deploy/a.yaml"] == [file.shown for file in find(["deploy"], excludes).files]
    assert find(["deploy"], excludes).skipped == (Skipped("deploy/old", EXCLUDED),)


def test_globs_from_elsewhere_are_relative_to_what_is_searched(tmp_path: Path) -> None:
    """A directory outside of the patterns' folder is searched with them as if they stood in it."""
    lay("there/old/a.yaml")
    lay("there/a.yaml")
    lay("here/policy.yaml")

    found = find(["there"], [globs(["/old"], str(tmp_path / "here"), EXCLUDED)])

    assert [file.shown for file in found.files] == ["there/a.yaml"]


def test_git_does_not_take_back_what_is_excluded() -> None:
    """What the user excludes is left out, whatever a `.gitignore` takes in."""
    lay("a.yaml")
    lay(".gitignore", "!a.yaml\n")

    assert find(["."], [globs(["*.yaml"], ".", EXCLUDED)]).skipped == (Skipped("a.yaml", EXCLUDED),)


@pytest.mark.parametrize("pattern", ["", "!", "/", "#note", "[a"])
def test_a_glob_that_matches_nothing_is_refused(pattern: str) -> None:
    """A mistyped exclusion would read what nobody wants read."""
    with pytest.raises(ValueError, match="matches nothing"):
        globs([pattern], ".", EXCLUDED)


def test_without_patterns_nothing_pays_for_them() -> None:
    """The library that reads patterns is imported by the first one."""
    lay("a.yaml")
    code = "import sys; from gracekeeper.sources.files import find; find(['.']); print('pathspec' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
