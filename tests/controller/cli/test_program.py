"""The program as a whole: help, completion, terminals, and how it ends when something goes wrong."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]
    Expected = Callable[[str, str], None]


MORE_THAN_A_PIPE_HOLDS = b"#" * 2**20


def test_version(run: Run) -> None:
    """The version is that of the installed package."""
    ran = run("--version")

    assert (ran.status, ran.out) == (0, f"gracekeeper {importlib.metadata.version('gracekeeper')}\n")


@pytest.mark.parametrize("verb", ["", "check", "explain", "rules", "export"])
def test_help(run: Run, expected: Expected, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """Help says what each verb does, what it takes and how it ends."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = run(*filter(None, [verb]), "--help")

    assert ran.status == 0
    expected(f"help-{verb or 'program'}.txt", ran.out)


def test_no_verb_shows_help(run: Run) -> None:
    """Whoever types the name alone learns what there is, and that something is missing."""
    ran = run()

    assert ran.status == 2
    assert "check" in ran.out + ran.err


def test_unknown_verb_is_status_2(run: Run) -> None:
    """A mistyped verb is a wrong call."""
    assert run("chekc").status == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(start: Run, shell: str) -> None:
    """Each shell gets its own source."""
    ran = start(_GRACEKEEPER_COMPLETE=f"{shell}_source")

    assert ran.status == 0
    assert "_GRACEKEEPER_COMPLETE" in ran.out


def test_rules_are_completed(start: Run) -> None:
    """A shell completes the ids of rules."""
    ran = start(_GRACEKEEPER_COMPLETE="bash_complete", COMP_WORDS="gracekeeper rules grace-", COMP_CWORD="2")

    assert "plain,grace-period-too-short" in ran.out.splitlines()


def test_workloads_are_completed(start: Run, good: str) -> None:
    """A shell completes the workloads of the files named so far."""
    words = f"gracekeeper explain {good} --workload dep"
    ran = start(_GRACEKEEPER_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="4")

    assert ran.out.splitlines() == ["plain,Deployment/web"]


def test_output_is_the_same_at_every_run(start: Run, bad: str, warned: str) -> None:
    """Neither the order of hashes nor that of paths changes a byte."""
    assert bad != warned
    for form in ("text", "json"):
        one = start("check", bad, warned, f"--format={form}", PYTHONHASHSEED="1")
        other = start("check", warned, bad, f"--format={form}", PYTHONHASHSEED="2")

        assert one == other


def test_ascii_where_the_terminal_knows_nothing_else(start: Run, bad: str) -> None:
    """A terminal without UTF-8 gets the same picture in ASCII, and no traceback."""
    ran = start("check", bad, PYTHONIOENCODING="ascii")

    assert ran.out.isascii()
    assert "x SIGKILL at 20" in ran.out
    assert ran.status == 1


def test_json_is_utf8_whatever_the_terminal(start: Run, folder: Path, bad: str) -> None:
    """A program reads JSON, and JSON is UTF-8."""
    ran = start("check", bad, "--format=json", PYTHONIOENCODING="latin-1")

    assert json.loads(ran.out)["findings"][0]["location"]["file"] == "bad.yaml"
    assert folder.exists()


def test_no_colours_without_a_terminal(start: Run, bad: str) -> None:
    """A file or a pipe gets plain text."""
    assert "\x1b" not in start("check", bad).out


def _at_a_terminal(*arguments: str, **variables: str) -> str:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    environment = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    command = [sys.executable, "-m", "gracekeeper", *arguments]
    with subprocess.Popen(command, stdout=follower, env=environment | {"TERM": "xterm"} | variables) as process:
        os.close(follower)
        shown = b""
        while chunk := _read(leader):
            shown += chunk
        process.wait()
    os.close(leader)
    return shown.decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_colours_at_a_terminal(folder: Path, bad: str) -> None:
    """On a terminal, errors are red."""
    assert folder.exists()
    assert "\x1b[31merror\x1b[0m" in _at_a_terminal("check", bad)


def test_no_colours_at_a_terminal_that_wants_none(folder: Path, bad: str) -> None:
    """`--no-color`, `NO_COLOR` and a dumb terminal turn them off."""
    assert folder.exists()
    assert "\x1b" not in _at_a_terminal("check", bad, "--no-color")
    assert "\x1b" not in _at_a_terminal("check", bad, NO_COLOR="1")
    assert "\x1b" not in _at_a_terminal("check", bad, TERM="dumb")


def test_width_follows_the_terminal(start: Run, bad: str) -> None:
    """No line is wider than the terminal, apart from words that cannot be broken."""
    for columns in ("60", "80", "120"):
        out = start("check", bad, COLUMNS=columns).out

        assert max(len(line) for line in out.splitlines()) <= int(columns)


def test_reader_that_stops_early_is_no_error(folder: Path, bad: str) -> None:
    """`gracekeeper check | head -1` is quiet, and keeps the verdict's status."""
    for number in range(200):
        (folder / f"copy-{number}.yaml").write_text((folder / bad).read_text().replace("web", f"web-{number}"))
    command = [sys.executable, "-m", "gracekeeper", "check", "--verbose"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        status = process.wait()

    assert (status, errors) == (1, b"")


def test_interrupt_is_quiet() -> None:
    """Ctrl-C while standard input is awaited ends with 130 and no traceback."""
    command = [sys.executable, "-m", "gracekeeper", "check", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(MORE_THAN_A_PIPE_HOLDS)  # so it returns when the program is reading
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)

    assert (process.returncode, out, errors.strip()) == (130, b"", b"")


def test_own_fault_is_one_sentence_and_status_3(run: Run, good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours asks for a report, and does not quote the manifest."""
    monkeypatch.setattr("gracekeeper.cli.check.judged", _fail)
    ran = run("check", good)

    assert ran.status == 3
    assert ran.err == (
        "gracekeeper: Gracekeeper itself failed (KeyError); please report this. "
        "--verbose or GRACEKEEPER_DEBUG=1 shows where it happened.\n"
    )


def test_own_fault_shows_where_on_demand(run: Run, good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--verbose` adds the traceback."""
    monkeypatch.setattr("gracekeeper.cli.check.judged", _fail)

    assert "Traceback" in run("check", good, "--verbose").err


def _fail(*_: object) -> None:
    raise KeyError("secret")


def test_manifests_load_nothing_that_only_policy_files_need(good: str) -> None:
    """A run over one file costs mostly what it loads."""
    command = [sys.executable, "-X", "importtime", "-m", "gracekeeper", "check", good]

    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    loaded = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert {"msgspec"} == loaded & {"msgspec", "pydantic", "difflib"}
