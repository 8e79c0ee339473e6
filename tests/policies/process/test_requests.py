"""How many requests a server answers at once, and how long one of them may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.provenance import Default, Known

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.requests import Requests


def requests_of(process: PythonProcess) -> Requests:
    """What a server does with requests."""
    assert process.requests is not None
    return process.requests


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("gunicorn a:a", 1),
        ("gunicorn -w 4 a:a", 4),
        ("gunicorn -w 2 --threads 4 a:a", 8),
        ("gunicorn -k gthread --threads 4 a:a", 4),
        ("gunicorn -k gevent a:a", None),
        ("gunicorn -k uvicorn_worker.UvicornWorker a:a", None),
        ("uwsgi --http :80", 1),
        ("uwsgi --http :80 --processes 2 --threads 3", 6),
        ("uwsgi --http :80 --gevent 100", 100),
        ("waitress-serve a:a", 4),
        ("waitress-serve --threads=1 a:a", 1),
        ("uvicorn a:a", None),
        ("flask run", None),
    ],
)
def test_workers_and_threads_say_how_many_it_serves_at_once(
    started: Callable[..., PythonProcess], line: str, number: int | None
) -> None:
    """Not where an event loop or a thread for each request takes what comes."""
    assert number == requests_of(started(line)).at_once


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("gunicorn a:a", Default(30.0, "gunicorn 27.0.1")),
        ("gunicorn --timeout 0 a:a", None),
        ("gunicorn --threads 2 -t 90 a:a", None),
        ("gunicorn -k gevent -t 90 a:a", None),
        ("uwsgi --http :80", None),
        ("uvicorn a:a", None),
    ],
)
def test_a_limit_counts_where_it_ends_a_request(
    started: Callable[..., PythonProcess], line: str, limit: Default[float] | None
) -> None:
    """Gunicorn's timeout is a heartbeat for all workers but sync ones; zero means none."""
    assert limit == requests_of(started(line)).limit


@pytest.mark.parametrize(("line", "seconds"), [("gunicorn -t 90 a:a", 90.0), ("uwsgi --http :80 --harakiri=20", 20.0)])
def test_a_limit_that_is_set_is_known(started: Callable[..., PythonProcess], line: str, seconds: float) -> None:
    """With the place that sets it."""
    limit = requests_of(started(line)).limit
    assert isinstance(limit, Known)
    assert (seconds, True) == (limit.value, limit.path is not None)


def test_what_is_declared_beats_what_the_server_allows(process: Callable[..., PythonProcess]) -> None:
    """Who declares the longest request knows the application."""
    found = process("""
        apiVersion: v1
        kind: Pod
        metadata: {name: web, annotations: {gracekeeper.dev/request-seconds: "45"}}
        spec: {containers: [{name: web, image: shop/web, command: [gunicorn, -t, "90", "a:a"]}]}
    """)
    assert getattr(requests_of(found).longest, "value", None) == 45.0


def test_a_worker_has_no_requests(started: Callable[..., PythonProcess]) -> None:
    """It has tasks."""
    assert started("celery -A shop worker").requests is None


def test_a_file_that_is_not_in_sight_may_start_more(started: Callable[..., PythonProcess]) -> None:
    """So one worker by default is doubted."""
    assert "app.ini" in requests_of(started("uwsgi --http :80 --ini app.ini")).doubt
    assert requests_of(started("uwsgi --http :80 -p 1 --threads 1")).doubt == ""
