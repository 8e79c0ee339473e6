"""Long work shows how far it is, on a terminal and nowhere else."""

from __future__ import annotations

import io
import itertools
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gracekeeper.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG_AGO = -1000.0  # work that began then has taken longer than a second
ERASED = "\x1b[1A\r\x1b[2K"

# A clock that goes ten seconds at each look, so that every item takes too long.
SLOW = """
import itertools, sys, time
clock = itertools.count(0, 10)
time.monotonic = lambda: next(clock)
from gracekeeper.cli import main
main(sys.argv[1:])
"""


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """As terminals say."""
        return True


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits before the terminal."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_quick_work_shows_nothing() -> None:
    """What is done within a second needs no bar."""
    terminal = Terminal()

    assert list(Progress(terminal).watch(range(1000), "Reading")) == list(range(1000))
    assert terminal.getvalue() == ""


def test_long_work_shows_what_is_done_and_how_far_it_is() -> None:
    """From the second second on there is a bar, and when the work is done it is gone."""
    terminal = Terminal()

    assert list(Progress(terminal, LONG_AGO).watch(range(3), "Reading")) == [0, 1, 2]
    assert re.search(r"Reading  \[.*\]  0/3", terminal.getvalue())
    assert terminal.getvalue().endswith(f"\x1b[?25h\n{ERASED}")


def test_a_bar_may_begin_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items that went by before it was drawn count, and none is lost."""
    clock = itertools.chain([0.0, 0.5], itertools.repeat(2.0))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    terminal = Terminal()

    assert list(Progress(terminal, 0.0).watch("abcd", "Judging")) == list("abcd")
    assert "2/4" in terminal.getvalue()


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_where_nobody_can_watch_there_is_no_bar(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A pipeline's log and a terminal without a cursor get no bar."""
    monkeypatch.setenv(name, value)
    terminal = Terminal()

    assert list(Progress(terminal, LONG_AGO).watch("ab", "Reading")) == ["a", "b"]
    assert terminal.getvalue() == ""


def test_work_that_is_broken_off_gives_the_cursor_back() -> None:
    """Ctrl-C in the middle leaves the terminal as it was."""
    terminal = Terminal()

    with pytest.raises(KeyboardInterrupt):
        _break_off(Progress(terminal, LONG_AGO))
    assert terminal.getvalue().rstrip("\n").endswith("\x1b[?25h")


def _break_off(progress: Progress) -> None:
    for _ in progress.watch("ab", "Reading"):
        raise KeyboardInterrupt


def test_a_real_terminal_shows_all_steps_and_the_report_is_untouched(folder: Path, bad: str) -> None:
    """On a terminal each step has its bar on standard error, and standard output gets what it always gets."""
    shown, report = _on_terminal("check", bad, "--format", "json")

    assert list(dict.fromkeys(re.findall(r"\?25l(\w+)", shown))) == ["Reading", "Judging", "Writing"]
    assert shown.endswith(ERASED)
    assert _piped("check", bad, "--format", "json") == ("", report)
    assert [path.name for path in folder.iterdir()] == [bad]


def _piped(*arguments: str) -> tuple[str, str]:
    ran = subprocess.run([sys.executable, "-c", SLOW, *arguments], capture_output=True, text=True, check=False)
    return ran.stderr, ran.stdout


def _on_terminal(*arguments: str) -> tuple[str, str]:
    """What a terminal shows of standard error, and what a pipe gets of standard output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments], stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as process:
        os.close(theirs)
        shown = b"".join(_chunks(ours)).decode()
        report = process.communicate()[0]
    os.close(ours)
    return shown.replace("\r\n", "\n"), report


def _chunks(terminal: int) -> Iterator[bytes]:
    """All that is written to a terminal until its last writer is gone, which Linux calls an error."""
    while True:
        try:
            yield os.read(terminal, 4096)
        except OSError:
            return
