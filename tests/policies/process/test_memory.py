"""What a server's workers need before any application is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess


@pytest.mark.parametrize(
    ("line", "mib", "fitting"),
    [
        ("gunicorn a:a", 21.3, 14),
        ("gunicorn -w 4 a:a", 21.3 + 3 * 3.1, 14),
        ("gunicorn -w 4 -k gthread a:a", 21.9 + 3 * 3.1, 14),
        ("uvicorn a:a", 18.4, 2),
        ("uvicorn --workers 2 a:a", 18.4 + 21.0 + 18.0, 2),
    ],
)
def test_workers_have_a_measured_memory_floor(
    started: Callable[..., PythonProcess], line: str, mib: float, fitting: int
) -> None:
    """Of the first worker, of each further one and of their supervisor; how many fit into 64 MiB follows."""
    floor = started(line).memory_floor
    assert floor is not None
    assert floor.mib == pytest.approx(mib)
    assert fitting == floor.workers_within(64)
    assert 0 == floor.workers_within(1)


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn -k eventlet a:a",
        "gunicorn -w x a:a",
        "gunicorn -w 0 a:a",
        "celery -A a worker",
        "python app.py",
        "./run",
    ],
)
def test_what_was_not_measured_has_no_floor(started: Callable[..., PythonProcess], line: str) -> None:
    """Nothing is claimed of it."""
    assert started(line).memory_floor is None


@pytest.mark.parametrize(
    ("flags", "mib"), [("", 21.3), ("--threads 1", 21.3), ("--threads 8", 21.9), ("-k gevent --threads 8", None)]
)
def test_threads_make_sync_workers_gthread(
    started: Callable[..., PythonProcess], flags: str, mib: float | None
) -> None:
    """As gunicorn says when it starts; other classes stay what they are."""
    floor = started(f"gunicorn {flags} a:a").memory_floor
    assert mib == (floor.mib if floor else None)
