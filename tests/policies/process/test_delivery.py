"""Who hears SIGTERM: through wrappers and shells, in the images that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.delivery import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

DASH, BASH, ASH, UNTOLD = "python:3.12-slim", "fedora:40", "python:3.12-alpine", "shop/web:1.4.2"
HEARD, LOST, CUT = Outcome.HEARD, Outcome.LOST, Outcome.CUT


@pytest.mark.parametrize(
    ("script", "dash", "bash", "ash"),
    [
        ("gunicorn a:a", LOST, HEARD, HEARD),
        ("exec gunicorn a:a", HEARD, HEARD, HEARD),
        ("cd /app && gunicorn a:a", LOST, HEARD, HEARD),
        ("cd /app && exec gunicorn a:a", HEARD, HEARD, HEARD),
        ("gunicorn a:a; true", LOST, LOST, LOST),
        ("exec gunicorn a:a | tee /log", LOST, LOST, LOST),
    ],
)
def test_the_images_shell_decides_who_hears_the_signal(
    started: Callable[..., PythonProcess], script: str, dash: Outcome, bash: Outcome, ash: Outcome
) -> None:
    """As measured with each shell as PID 1."""
    told = [started(f"sh -c '{script}'", image).delivery for image in (DASH, BASH, ASH)]
    assert [dash, bash, ash] == [delivery.outcome for delivery in told]
    assert all(delivery.certain for delivery in told)


@pytest.mark.parametrize(
    ("script", "outcome", "shells"),
    [("gunicorn a:a", LOST, ("dash",)), ("gunicorn a:a; true", LOST, ()), ("exec gunicorn a:a", HEARD, ())],
)
def test_an_untold_shell_leaves_only_what_all_shells_do_certain(
    started: Callable[..., PythonProcess], script: str, outcome: Outcome, shells: tuple[str, ...]
) -> None:
    """Else the worst is suspected, and the shells for which it holds are named."""
    delivery = started(f"sh -c '{script}'", UNTOLD).delivery
    assert (outcome, not shells, shells) == (delivery.outcome, delivery.certain, delivery.shells)
    assert bool(shells) == bool(delivery.doubt)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("bash -c 'gunicorn a:a'", HEARD),
        ("/bin/bash -c 'gunicorn a:a; true'", LOST),
        ("dash -c 'gunicorn a:a'", LOST),
        ("ash -c 'gunicorn a:a'", HEARD),
        ("busybox sh -c 'gunicorn a:a'", HEARD),
        ("bash -c 'bash -c \"gunicorn a:a\"'", HEARD),
        ("bash -c 'dash -c \"gunicorn a:a\"'", LOST),
    ],
)
def test_a_shell_that_is_named_is_certain(started: Callable[..., PythonProcess], line: str, outcome: Outcome) -> None:
    """Whatever the image; also behind another one."""
    delivery = started(line, UNTOLD).delivery
    assert (outcome, True) == (delivery.outcome, delivery.certain)


@pytest.mark.parametrize(
    ("line", "outcome", "link"),
    [
        ("gunicorn a:a", HEARD, None),
        ("tini -- gunicorn a:a", HEARD, None),
        ("tini -- dash -c 'gunicorn a:a'", CUT, "dash"),
        ("tini -- dash -c 'gunicorn a:a; true'", CUT, "dash"),
        ("tini -g -- dash -c 'gunicorn a:a'", CUT, "dash"),
        ("tini -- bash -c 'gunicorn a:a; true'", CUT, "bash"),
        ("tini -- bash -c 'gunicorn a:a'", HEARD, None),
        ("dumb-init -- dash -c 'gunicorn a:a'", CUT, "dash"),
        ("dumb-init -c -- bash -c 'gunicorn a:a'", HEARD, None),
        ("dumb-init --rewrite 15:2 -- gunicorn a:a", Outcome.INTERRUPTED, "dumb-init"),
        ("watchmedo auto-restart -d /app -- gunicorn a:a", Outcome.INTERRUPTED, "watchmedo"),
        ("honcho run gunicorn a:a", LOST, "honcho"),
        ("/usr/bin/time gunicorn a:a", LOST, "time"),
        ("strace -f -o /dev/null gunicorn a:a", LOST, "strace"),
        ("bash -c 'time gunicorn a:a'", LOST, "bash"),
        ("uv run --no-project --offline python -m gunicorn a:a", HEARD, None),
        ("bash -c 'exec uv run --no-project --offline gunicorn a:a'", HEARD, None),
        ("su root -s /bin/sh -c 'exec gunicorn a:a'", HEARD, None),
        ("chroot / /usr/bin/env -C /app gunicorn a:a", HEARD, None),
        ("opentelemetry-instrument --traces_exporter none python -m gunicorn a:a", HEARD, None),
    ],
)
def test_wrappers_and_shells_combine_as_measured(
    started: Callable[..., PythonProcess], line: str, outcome: Outcome, link: str | None
) -> None:
    """The process that decides is named; the server behind is recognised all the same."""
    told = started(line, UNTOLD)
    assert (outcome, link) == (told.delivery.outcome, told.delivery.link.name if told.delivery.link else None)
    assert "gunicorn" == told.name


@pytest.mark.parametrize(
    ("line", "outcome"), [("dash -c 'gunicorn a:a'", CUT), ("honcho run gunicorn a:a", CUT), ("gunicorn a:a", HEARD)]
)
def test_in_a_shared_pid_namespace_nobody_is_pid_1(
    started: Callable[..., PythonProcess], line: str, outcome: Outcome
) -> None:
    """There a shell dies of the signal, and its server with it, instead of ignoring it."""
    delivery = started(line, UNTOLD, shareProcessNamespace=True).delivery
    assert outcome == delivery.outcome
    assert not (delivery.outcome is HEARD and delivery.as_pid_1)


@pytest.mark.parametrize(
    ("line", "as_pid_1"),
    [
        ("gunicorn a:a", True),
        ("env A=b gunicorn a:a", True),
        ("bash -c 'exec gunicorn a:a'", True),
        ("tini -- gunicorn a:a", False),
        ("uv run gunicorn a:a", False),
    ],
)
def test_a_program_is_pid_1_where_nothing_stays_in_front(
    started: Callable[..., PythonProcess], line: str, *, as_pid_1: bool
) -> None:
    """Then a signal without a handler is dropped."""
    assert as_pid_1 == started(line).delivery.as_pid_1


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("su app -c 'exec gunicorn a:a'", 2.0),
        ("runuser -u app -- gunicorn a:a", 2.0),
        ("timeout -k 5 600 gunicorn a:a", 5.0),
        ("timeout --kill-after=5s 600 gunicorn a:a", 5.0),
        ("timeout 600 gunicorn a:a", None),
        ("tini -- gunicorn a:a", None),
    ],
)
def test_some_wrappers_lose_patience(started: Callable[..., PythonProcess], line: str, seconds: float | None) -> None:
    """They kill the program themselves, whatever the grace period."""
    assert seconds == started(line).delivery.forced_after
