"""What goes wrong with other people's programs and repositories: one clear problem, with all that they said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

MANIFEST: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: shop/web, command: [gunicorn, "a:a"]}]
"""


@pytest.fixture
def program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a program on PATH that does what a Python script says; for helm there is a chart in `c`."""
    (folder / "c").mkdir()
    (folder / "c" / "Chart.yaml").write_text("name: c\n")
    (folder / "bin").mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join((str(folder / "bin"), os.environ["PATH"])))

    def put(script: str, *, name: str = "helm") -> None:
        program = folder / "bin" / name
        program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{script}\n")
        program.chmod(0o755)

    return put


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository with one commit of one manifest."""
    git("init", "--quiet", "--initial-branch=main", ".")
    (folder / "web.yaml").write_text(MANIFEST)
    commit()
    return folder


def git(*arguments: str) -> None:
    """Call git as somebody."""
    options = ("user.name=n", "user.email=e", "protocol.file.allow=always")
    settings = [word for option in options for word in ("-c", option)]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True)


def commit() -> None:
    """Commit all there is."""
    git("add", "--all")
    git("commit", "--quiet", "--message", "m")


# ---- programs --------------------------------------------------------------------------------------------------------


def test_nothing_of_what_a_failing_program_says_is_lost(run: Run, program: Callable[..., None]) -> None:
    """Ten thousand lines of it, and a byte that is no text."""
    program(r"sys.stderr.buffer.write(b'line of words\n' * 10_000 + b'caf\xe9, the end\n'); sys.exit(3)")
    ran = run("check", "--helm=c")

    assert ran.status == 2
    assert ran.err.startswith("c: helm failed with status 3: line of words\n")
    assert ran.err.count("line of words") == 10_000
    assert "caf\\xe9, the end\n" in ran.err


def test_what_a_program_says_commands_no_terminal(run: Run, program: Callable[..., None]) -> None:
    """A chart can make Helm say anything."""
    program(r"sys.stderr.write('\x1b[2Jall is well\r\x07'); sys.exit(1)")

    assert "c: helm failed with status 1: \\x1b[2Jall is well\\x0d\\x07\n" in run("check", "--helm=c").err


def test_a_program_that_says_nothing_is_told_so(run: Run, program: Callable[..., None]) -> None:
    """Its status is all there is."""
    program("sys.exit(7)")

    assert "c: helm failed with status 7 and said nothing\n" in run("check", "--helm=c").err


def test_a_program_that_does_not_stop_printing_is_ended(
    run: Run, program: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the memory is full."""
    monkeypatch.setattr("gracekeeper.sources.programs._MOST", 1 << 20)
    program("while True: print('a: b' * 1000)")

    assert "c: helm printed more than 1 MiB, which no manifests are" in run("check", "--helm=c").err


def test_a_program_that_waits_for_ever_is_ended_with_its_helpers(
    run: Run, program: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A helper that keeps its output open keeps nobody waiting."""
    monkeypatch.setattr("gracekeeper.sources.programs._SECONDS", 1)
    program("if os.fork(): print('asking…', os.getpid(), file=sys.stderr, flush=True)\ntime.sleep(600)")
    ran = run("check", "--helm=c")

    assert ran.err.startswith("c: helm took longer than 1 s: asking…")
    # Whoever was ended and not yet waited for by the system is a zombie.
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, check=True, text=True).stdout
    group = ran.err.split()[-1]
    assert {stat[0] for pgid, stat in map(str.split, listed.splitlines()) if pgid == group} <= {"Z"}


def test_a_program_that_is_none_is_one_sentence(run: Run, program: Callable[..., None], folder: Path) -> None:
    """Such as one for another processor."""
    program("")
    (folder / "bin" / "helm").write_bytes(b"\0")

    assert "c: helm cannot be started: exec format error\n" in run("check", "--helm=c").err


def test_what_is_not_text_is_refused(run: Run, program: Callable[..., None]) -> None:
    """As it is in a file: a value with other letters than Helm's would be judged."""
    program(r"sys.stdout.buffer.write(b'---\n# Source: c/a.yaml\na: \xff\n')")
    ran = run("check", "--helm=c")

    assert ran.status == 2
    assert "c: helm printed a byte that is not UTF-8, \\xff on line 3\n" in ran.err


def test_no_name_is_taken_for_an_option(run: Run, program: Callable[..., None], folder: Path) -> None:
    """A folder, a file of values and a namespace may be called anything."""
    program("open('seen', 'w').write('\\n'.join(sys.argv[1:]))")
    (folder / "--post-renderer=x").mkdir()
    run("check", "--helm=--post-renderer=x", "--values=--debug", "--set=--a=b", "--namespace=--help", "--allow-empty")
    seen = (folder / "seen").read_text().splitlines()

    assert seen[-3:] == ["--", "post-renderer-x", "--post-renderer=x"]
    assert {"--values=--debug", "--set=--a=b", "--namespace=--help"} < set(seen)


def test_a_folder_may_have_a_longer_name_than_a_release(run: Run, program: Callable[..., None], folder: Path) -> None:
    """Helm takes 53 characters."""
    program("open('seen', 'w').write(sys.argv[-2])")
    (folder / ("long-name-" * 9)).mkdir()
    run("check", f"--helm={'long-name-' * 9}", "--allow-empty")

    assert (folder / "seen").read_text() == ("long-name-" * 9)[:53]


@pytest.mark.parametrize("name", ["a b", "a'b\"c", "-dash", "ü", "new\nline", "bell\x07"])
def test_a_path_may_hold_any_character(run: Run, program: Callable[..., None], folder: Path, name: str) -> None:
    """What a terminal would obey is shown as what it is."""
    program(f"print('''---\\n# Source: c/templates/web.yaml\\n{MANIFEST}''')")
    (folder / name / "templates").mkdir(parents=True)
    (folder / name / "templates" / "web.yaml").write_text(MANIFEST)
    ran = run("check", f"--helm={name}", "--format=json")
    shown = name.replace("\n", "\\x0a").replace("\x07", "\\x07")

    assert {each["location"]["file"] for each in json.loads(ran.out)["findings"]} == {f"{shown}/templates/web.yaml"}


def test_a_chart_that_renders_nothing_holds_nothing(run: Run, program: Callable[..., None]) -> None:
    """It is named as what was empty."""
    program("")

    assert run("check", "--helm=c").err == (
        "c: holds no Kubernetes object, expected at least one; --allow-empty accepts that\n"
    )
    assert run("check", "--helm=c", "--allow-empty").status == 0


def test_what_no_template_is_told_of_is_judged_too(run: Run, program: Callable[..., None]) -> None:
    """Nothing that Helm prints is left out."""
    program(f"print('''{MANIFEST}---\n# Source: c/a.yaml\n{MANIFEST.replace('web', 'api')}''')")
    found = json.loads(run("check", "--helm=c", "--format=json").out)["findings"]

    assert {(each["workload"]["name"], each["location"]["file"]) for each in found} == {
        ("web", "helm:c"),
        ("api", "helm:c/a.yaml"),
    }


@pytest.mark.parametrize("verb", ["check", "explain"])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--values=v"], "--values needs --helm CHART."),
        (["--set=a=b"], "--set needs --helm CHART."),
        (["--helm-dependencies"], "--helm-dependencies needs --helm CHART."),
        (["--helm="], "--helm names no chart."),
    ],
)
def test_an_option_of_no_chart_is_a_wrong_call(
    run: Run, folder: Path, verb: str, options: list[str], sentence: str
) -> None:
    """Rather than a verdict on something else, with the option forgotten."""
    (folder / "web.yaml").write_text(MANIFEST)
    ran = run(verb, "web.yaml", *options)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"gracekeeper: {sentence}")


# ---- repositories ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["--output=x", "-x", "--upload-pack=touch pwned"])
def test_no_revision_is_taken_for_an_option(run: Run, repository: Path, revision: str) -> None:
    """Neither alone nor in `git:REV:PATH`."""
    told = [run("check", f"git:{revision}:."), run("diff", "--", revision, ".")]

    assert [ran.status for ran in told] == [2, 2]
    assert all("names no revision and path" in ran.err for ran in told)
    assert {path.name for path in repository.iterdir()} == {".git", "web.yaml"}


@pytest.mark.parametrize("path", [":(top)web.yaml", ":!x", "*.yaml", "w?b.yaml"])
def test_a_path_of_a_revision_is_no_pattern(run: Run, repository: Path, path: str) -> None:  # noqa: ARG001
    """Git's own signs mean nothing in it."""
    ran = run("check", f"git:main:{path}")

    assert (ran.status, f"there is no {path} in main\n" in ran.err) == (2, True)


def test_an_unborn_branch_has_no_revision(run: Run, folder: Path) -> None:  # noqa: ARG001
    """A repository without a commit."""
    git("init", "--quiet", "--initial-branch=main", ".")

    assert run("check", "git:HEAD:").err == "git:HEAD:: there is no revision `HEAD` in this repository\n"


def test_a_clone_without_history_is_named_as_the_reason(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pipelines make them: what lacks is there to be fetched."""
    (repository / "web.yaml").write_text(MANIFEST.replace("shop/web", "shop/web:1"))
    commit()
    git("clone", "--quiet", "--depth=1", f"file://{repository}", "clone")
    monkeypatch.chdir(repository / "clone")

    assert run("diff", "HEAD~1", "HEAD").err.startswith(
        "git:HEAD~1:.: there is no revision `HEAD~1` in this repository, which was cloned without its history; "
        "`git fetch --unshallow` gets it\n"
    )


def test_a_bare_repository_has_revisions(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's hook judges what is pushed."""
    git("clone", "--quiet", "--bare", ".", "bare.git")
    monkeypatch.chdir(repository / "bare.git")
    ran = run("check", "git:main:", "--format=json")

    assert (ran.status, ran.err) == (1, "")
    assert {each["location"]["file"] for each in json.loads(ran.out)["findings"]} == {"git:main:web.yaml"}


def test_a_submodule_is_left_out_and_said(run: Run, repository: Path) -> None:
    """Its files are not in this repository."""
    git("clone", "--quiet", ".", "../other")
    git("submodule", "--quiet", "add", str(repository.parent / "other"), "sub")
    commit()
    whole, alone = run("check", "git:main:", "--format=json"), run("check", "git:main:sub")

    reason = "a submodule, whose files another repository holds; check it there"
    assert json.loads(whole.out)["skipped"] == [{"file": "git:main:sub", "reason": reason}]
    assert alone.err == f"git:main:sub: sub is {reason}\n"


def test_what_git_says_of_a_revision_is_not_lost(run: Run, program: Callable[..., None]) -> None:
    """Of a short name that could be several it lists what could be meant."""
    program(
        "if '--verify' in sys.argv: sys.exit('error: short object ID ab12 is ambiguous\\nhint: The candidates are:')\n"
        "print('false' if '--is-shallow-repository' in sys.argv else '')",
        name="git",
    )

    assert run("check", "git:ab12:").err == (
        "git:ab12:: there is no revision `ab12` in this repository: error: short object ID ab12 is ambiguous\n"
        "hint: The candidates are:\n"
    )


@pytest.mark.parametrize("sides", [("main", ""), ("", "main"), ("main", " "), ("main", "a\nb"), ("-", "-")])
def test_a_side_that_is_nothing_is_refused(run: Run, repository: Path, sides: tuple[str, str]) -> None:  # noqa: ARG001
    """With a sentence, whatever it is."""
    ran = run("diff", *sides)

    assert ran.status == 2
    assert "itself failed" not in ran.err
