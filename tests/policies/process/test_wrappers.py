"""Wrappers: what is left of a command line behind each, and what each does with the stop signal, as measured."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.wrappers import WRAPPERS, Passing, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.provenance import Word

MEASURED = [
    ("tini -- gunicorn app:app", Passing.FORWARDS),
    ("tini -g -- gunicorn app:app", Passing.FORWARDS),
    ("dumb-init -- gunicorn app:app", Passing.FORWARDS),
    ("dumb-init -c -- gunicorn app:app", Passing.FORWARDS),
    ("dumb-init --rewrite 15:2 -- gunicorn app:app", Passing.INTERRUPTS),
    ("nohup gunicorn app:app", Passing.REPLACED),
    ("env X=y gunicorn app:app", Passing.REPLACED),
    ("env -u FOO gunicorn app:app", Passing.REPLACED),
    ("timeout 600 gunicorn app:app", Passing.FORWARDS),
    ("timeout --foreground 600 gunicorn app:app", Passing.FORWARDS),
    ("nice -n 5 gunicorn app:app", Passing.REPLACED),
    ("ionice -c3 gunicorn app:app", Passing.REPLACED),
    ("stdbuf -oL gunicorn app:app", Passing.REPLACED),
    ("setsid gunicorn app:app", Passing.LEAVES),
    ("setsid -w gunicorn app:app", Passing.NOTHING),
    ("setsid --wait gunicorn app:app", Passing.NOTHING),
    ("chrt -o 0 gunicorn app:app", Passing.REPLACED),
    ("taskset -c 0,1 gunicorn app:app", Passing.REPLACED),
    ("setpriv --no-new-privs gunicorn app:app", Passing.REPLACED),
    ("unshare -m gunicorn app:app", Passing.REPLACED),
    ("prlimit --nofile=4096 gunicorn app:app", Passing.REPLACED),
    ("gosu root gunicorn app:app", Passing.REPLACED),
    ("uv run --no-project --offline gunicorn app:app", Passing.FORWARDS),
    ("poetry --directory poet run gunicorn app:app", Passing.REPLACED),
    ("honcho run gunicorn app:app", Passing.NOTHING),
    ("newrelic-admin run-program gunicorn app:app", Passing.REPLACED),
    ("ddtrace-run gunicorn app:app", Passing.REPLACED),
    (
        "opentelemetry-instrument --traces_exporter none --metrics_exporter none --logs_exporter none gunicorn app:app",
        Passing.REPLACED,
    ),
    ("/usr/bin/time gunicorn app:app", Passing.NOTHING),
    ("strace -f -o /dev/null gunicorn app:app", Passing.NOTHING),
    ("runuser -u root -- gunicorn app:app", Passing.KILLS),
    ("xargs -a xa gunicorn app:app", Passing.NOTHING),
    ("dotenv -f .env run -- gunicorn app:app", Passing.REPLACED),
    ("watchmedo auto-restart -d /app/ep -- gunicorn app:app", Passing.INTERRUPTS),
]
SPELLED = [
    ("/sbin/tini -s -vv -p SIGKILL -e 143 -- gunicorn app:app", Passing.FORWARDS),
    ("/usr/bin/dumb-init gunicorn app:app", Passing.FORWARDS),
    ("dumb-init -r 15:2 gunicorn app:app", Passing.INTERRUPTS),
    ("dumb-init --rewrite=15:2 gunicorn app:app", Passing.INTERRUPTS),
    ("dumb-init --rewrite 1:2 gunicorn app:app", Passing.FORWARDS),
    ("env -i A=b C= gunicorn app:app", Passing.REPLACED),
    ("env -C /app gunicorn app:app", Passing.REPLACED),
    ("timeout -k 5 30 gunicorn app:app", Passing.FORWARDS),
    ("timeout --kill-after=5 -s INT 30 gunicorn app:app", Passing.FORWARDS),
    ("nice gunicorn app:app", Passing.REPLACED),
    ("nice -n5 gunicorn app:app", Passing.REPLACED),
    ("ionice -c 3 -n 7 gunicorn app:app", Passing.REPLACED),
    ("stdbuf -o L gunicorn app:app", Passing.REPLACED),
    ("setpriv --reuid 1000 --regid=1000 --clear-groups gunicorn app:app", Passing.REPLACED),
    ("gosu app:app gunicorn app:app", Passing.REPLACED),
    ("chroot --userspec=1:1 /new gunicorn app:app", Passing.REPLACED),
    ("uv run --with gunicorn --python 3.12 gunicorn app:app", Passing.FORWARDS),
    ("uv --directory /app run -- gunicorn app:app", Passing.FORWARDS),
    ("poetry run gunicorn app:app", Passing.REPLACED),
    ("/usr/bin/time -v -o /tmp/t gunicorn app:app", Passing.NOTHING),
]


@pytest.mark.parametrize(("line", "passing"), MEASURED + SPELLED, ids=[line for line, _ in MEASURED + SPELLED])
def test_a_wrapper_is_taken_off(words: Callable[[str], tuple[Word, ...]], line: str, passing: Passing) -> None:
    """Flags with their values, operands and `--` go with it; the program and its own arguments stay."""
    wrapped = unwrap(words(line))
    assert wrapped is not None
    assert ("gunicorn app:app", passing) == (shlex.join(word.text for word in wrapped.words), wrapped.passing)


def test_every_wrapper_is_tried_here() -> None:
    """A row that is added to the table is added above too."""
    tried = {shlex.split(line)[0].rpartition("/")[2] for line, _ in MEASURED + SPELLED} | {"su"}
    untried = [wrapper.names for wrapper in WRAPPERS if not tried & set(wrapper.names)]
    assert [] == untried


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn app:app",
        "uv sync",
        "uv pip install x",
        "poetry install",
        "honcho start",
        "newrelic-admin validate-config x",
        "run tini -- gunicorn",
        "tini.sh -- gunicorn",
        "",
    ],
)
def test_what_only_looks_like_a_wrapper_is_none(words: Callable[[str], tuple[Word, ...]], line: str) -> None:
    """Another subcommand, or another program."""
    assert unwrap(words(line)) is None


def test_env_sets_variables(words: Callable[[str], tuple[Word, ...]]) -> None:
    """Those before the program are its environment; those behind it are its arguments."""
    wrapped = unwrap(words("env -u X WEB_CONCURRENCY=4 EMPTY= gunicorn A=b"))
    assert wrapped is not None
    assert ["WEB_CONCURRENCY=4", "EMPTY="] == [word.text for word in wrapped.assignments]
    assert ["gunicorn", "A=b"] == [word.text for word in wrapped.words]


@pytest.mark.parametrize(
    "line",
    [
        "su root -s /bin/sh -c 'exec gunicorn'",
        "su -c 'exec gunicorn' app",
        "su - app -c 'exec gunicorn'",
        "runuser app -c 'exec gunicorn'",
    ],
)
def test_su_runs_a_shells_script(words: Callable[[str], tuple[Word, ...]], line: str) -> None:
    """Whichever side of the user `-c` stands on."""
    wrapped = unwrap(words(line))
    assert wrapped is not None
    assert wrapped.script is not None
    assert ("exec gunicorn", Passing.KILLS) == (wrapped.script.text, wrapped.passing)


def test_a_wrapper_without_a_program_leaves_nothing(words: Callable[[str], tuple[Word, ...]]) -> None:
    """Nobody is claimed to run."""
    wrapped = unwrap(words("tini --"))
    assert wrapped is not None
    assert () == wrapped.words


@pytest.mark.parametrize(
    ("rewrite", "passing"),
    [
        ("--rewrite 15:2", Passing.INTERRUPTS),
        ("-r15:3", Passing.INTERRUPTS),
        ("--rewrite=15:0", Passing.NOTHING),
        ("--rewrite 15:15", Passing.FORWARDS),
        ("--rewrite 1:15", Passing.FORWARDS),
    ],
)
def test_dumb_init_may_send_another_signal(
    words: Callable[[str], tuple[Word, ...]], rewrite: str, passing: Passing
) -> None:
    """Only what becomes of SIGTERM counts; 0 drops it."""
    wrapped = unwrap(words(f"dumb-init {rewrite} -- gunicorn a:a"))
    assert wrapped is not None
    assert passing == wrapped.passing
