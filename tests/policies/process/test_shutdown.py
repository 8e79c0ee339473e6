"""What a server does at a stop signal: as seen on the real servers, each as PID 1 of a PID namespace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.provenance import Default, Known

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

FINISHES, DROPS, RESTARTS, IGNORES = OnTerm.FINISHES, OnTerm.DROPS, OnTerm.RESTARTS, OnTerm.IGNORES
HOOK = "--hook-master-start 'unix_signal:15 gracefully_kill_them_all'"


@pytest.mark.parametrize(
    ("line", "term", "interrupt", "quit_"),
    [
        ("gunicorn a:a", FINISHES, DROPS, DROPS),
        ("gunicorn -k tornado a:a", DROPS, DROPS, DROPS),
        ("uvicorn a:a", FINISHES, FINISHES, IGNORES),
        ("fastapi run", FINISHES, FINISHES, IGNORES),
        ("fastapi dev", FINISHES, FINISHES, IGNORES),
        ("hypercorn a:a", FINISHES, FINISHES, IGNORES),
        ("hypercorn -w 0 a:a", FINISHES, FINISHES, IGNORES),
        ("hypercorn -w 2 --graceful-timeout 30 a:a", DROPS, DROPS, IGNORES),
        ("granian a:a", FINISHES, FINISHES, IGNORES),
        ("daphne a:a", DROPS, DROPS, IGNORES),
        ("waitress-serve a:a", IGNORES, FINISHES, IGNORES),
        ("uwsgi --http :80", DROPS, DROPS, IGNORES),
        ("uwsgi --http :80 --die-on-term", DROPS, DROPS, IGNORES),
        ("uwsgi --http :80 --master", RESTARTS, DROPS, DROPS),
        ("uwsgi --http :80 -M --die-on-term", DROPS, DROPS, RESTARTS),
        ("env UWSGI_DIE_ON_TERM=1 uwsgi --http :80 -M", DROPS, DROPS, RESTARTS),
        ("uwsgi --http :80 -M --exit-on-reload", DROPS, DROPS, DROPS),
        (f"uwsgi --http :80 -M {HOOK}", FINISHES, DROPS, DROPS),
        (f"uwsgi --http :80 -M --die-on-term {HOOK}", FINISHES, DROPS, RESTARTS),
        (f"uwsgi --http :80 {HOOK}", DROPS, DROPS, IGNORES),
        ("flask run", IGNORES, DROPS, IGNORES),
        ("flask run --reload", DROPS, DROPS, IGNORES),
        ("flask run --debug", DROPS, DROPS, IGNORES),
        ("env FLASK_DEBUG=1 flask run", DROPS, DROPS, IGNORES),
        ("env FLASK_DEBUG=0 flask run", IGNORES, DROPS, IGNORES),
        ("flask --debug run --no-reload", IGNORES, DROPS, IGNORES),
        ("python manage.py runserver", DROPS, DROPS, IGNORES),
        ("python manage.py runserver --noreload", IGNORES, DROPS, IGNORES),
    ],
)
def test_each_signal_has_its_own_effect(
    started: Callable[..., PythonProcess], line: str, term: OnTerm, interrupt: OnTerm, quit_: OnTerm
) -> None:
    """What finishes at one signal may drop everything at another."""
    reactions = [started(line).shutdown.at_signal(signal).does for signal in ("SIGTERM", "SIGINT", "SIGQUIT")]
    assert [term, interrupt, quit_] == reactions


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("uwsgi --http :80 -M", ""),
        ("uwsgi --ini app.ini", "it reads app.ini, which is not in sight"),
        ("uwsgi /etc/app.yaml:prod", "it reads /etc/app.yaml, which is not in sight"),
        ("uwsgi -M --emperor /etc/vassals", "it reads /etc/vassals, which is not in sight"),
        ("hypercorn -c app.toml a:a", "it reads app.toml, which is not in sight"),
        ("hypercorn -c app.toml -w 1 a:a", ""),
        ("hypercorn a:a", ""),
        ("python manage.py runserver --noreload", "an app such as daphne may replace the command"),
    ],
)
def test_what_an_unseen_file_may_change_is_doubted(
    started: Callable[..., PythonProcess], line: str, doubt: str
) -> None:
    """Only where the setting that decides is not told by a flag."""
    assert doubt == started(line).shutdown.doubt


@pytest.mark.parametrize(
    ("line", "expected", "doubted"),
    [
        ("gunicorn a:a", DROPS, False),
        ("gunicorn -k gevent a:a", DROPS, False),
        ("gunicorn -k gevent --threads 4 a:a", DROPS, False),
        ("gunicorn --threads 4 a:a", FINISHES, False),
        ("gunicorn -k gthread a:a", FINISHES, False),
        ("gunicorn -k uvicorn_worker.UvicornWorker a:a", FINISHES, False),
        ("gunicorn -k shop.workers.Own a:a", DROPS, True),
    ],
)
def test_gunicorns_fast_stop_depends_on_its_workers(
    started: Callable[..., PythonProcess], line: str, expected: OnTerm, *, doubted: bool
) -> None:
    """Gthread, aiohttp's and uvicorn's let a request end; sync, gevent, tornado, asgi cut it; others may do either."""
    reactions = [started(line).shutdown.at_signal(signal) for signal in ("SIGINT", "SIGQUIT")]
    assert [(expected, doubted)] * 2 == [(reaction.does, bool(reaction.doubt)) for reaction in reactions]


def test_the_images_own_stop_signal_is_the_one_that_is_sent(process: Callable[..., PythonProcess]) -> None:
    """Waitress ignores SIGTERM and finishes at SIGINT, within five seconds."""
    found = process(
        "containers: [{name: web, image: shop/web, command: [waitress-serve, 'a:a']}]",
        ImageConfig("registry", stop_signal="SIGINT"),
    )
    assert (FINISHES, 5.0) == (found.shutdown.on_term, getattr(found.shutdown.drain, "value", None))


def test_a_signal_the_table_does_not_know_is_unknown(started: Callable[..., PythonProcess]) -> None:
    """Nothing is claimed of it, nor of a program without a table."""
    assert OnTerm.UNKNOWN is started("gunicorn a:a").shutdown.at_signal("SIGUSR2").does
    assert OnTerm.UNKNOWN is started("start-it").shutdown.at_signal("SIGTERM").does


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("granian --workers-kill-timeout 30 a:a", 30.0),
        ("granian --workers-kill-timeout=1m30s a:a", 90.0),
        ("env GRANIAN_WORKERS_KILL_TIMEOUT=2h granian a:a", 7200.0),
        ("hypercorn a:a", 3.0),
        ("hypercorn --graceful-timeout 20 a:a", 20.0),
        ("fastapi run", None),
    ],
)
def test_the_drain_is_bound_by_its_option(
    started: Callable[..., PythonProcess], line: str, seconds: float | None
) -> None:
    """In seconds, however it is written; None where nothing bounds it."""
    assert seconds == getattr(started(line).shutdown.drain, "value", "unknown")


@pytest.mark.parametrize(
    ("line", "closes"),
    [
        ("gunicorn a:a", "hang until the workers are gone and are then reset"),
        ("gunicorn --threads 4 a:a", "hang until the workers are gone and are then reset"),
        ("gunicorn -k gevent a:a", "are refused"),
        ("gunicorn -k uvicorn_worker.UvicornWorker a:a", "are refused"),
        ("uvicorn a:a", "are refused"),
        ("uvicorn --workers 1 a:a", "are refused"),
        ("uvicorn --workers 2 a:a", "hang until it is gone and are then reset"),
        ("uvicorn --reload a:a", "hang until it is gone and are then reset"),
        ("fastapi run --workers 2", "hang until it is gone and are then reset"),
        ("fastapi dev", "hang until it is gone and are then reset"),
        ("hypercorn a:a", "hang until it is gone and are then reset"),
        ("hypercorn -w 0 a:a", "are refused"),
        ("waitress-serve a:a", "hang until it is gone and are then reset"),
        ("celery -A a worker", ""),
        ("python app.py", ""),
    ],
)
def test_who_keeps_the_socket_decides_what_new_connections_meet(
    started: Callable[..., PythonProcess], line: str, closes: str
) -> None:
    """A supervisor that keeps it lets them wait for nobody; one that closes it refuses them."""
    assert closes == started(line).shutdown.closes


@pytest.mark.parametrize(
    ("line", "outlive"),
    [
        ("uvicorn --timeout-graceful-shutdown 5 a:a", True),
        ("uvicorn a:a", False),
        ("uvicorn --timeout-graceful-shutdown 5 --workers 2 a:a", False),
        ("uvicorn --timeout-graceful-shutdown 5 --reload a:a", False),
        ("tini -- uvicorn --timeout-graceful-shutdown 5 a:a", False),
        ("hypercorn a:a", True),
        ("tini -- hypercorn -w 0 a:a", True),
        ("hypercorn -w 2 a:a", False),
        ("gunicorn -k uvicorn_worker.UvicornWorker a:a", False),
    ],
)
def test_threads_may_outlive_the_limit(started: Callable[..., PythonProcess], line: str, *, outlive: bool) -> None:
    """Only a limit can be outlived; and uvicorn ends by a second signal where it is not PID 1."""
    assert outlive is started(line).shutdown.threads_outlive


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("granian --interface wsgi a:a", "while it starts a thread for a request"),
        ("env GRANIAN_INTERFACE=wsgi granian a:a", "while it starts a thread for a request"),
        ("granian --interface asgi a:a", ""),
        ("granian a:a", ""),
        ("gunicorn --threads 4 a:a", ""),
        ("./run", ""),
    ],
)
def test_a_signal_may_go_unnoticed(started: Callable[..., PythonProcess], line: str, moment: str) -> None:
    """Where the main thread waits for a lock, and another one takes the signal."""
    assert moment == started(line).shutdown.missed_while


@pytest.mark.parametrize(
    "line",
    [
        "dumb-init celery -A a worker",
        "dumb-init -v -- celery -A a worker",
        "env DUMB_INIT_SETSID=1 dumb-init celery -A a worker",
        "dumb-init env DUMB_INIT_SETSID=0 celery -A a worker",
        "tini -vg -- celery -A a worker",
        "env TINI_KILL_PROCESS_GROUP= tini -- celery -A a worker",
        "timeout 60 celery -A a worker",
        "dumb-init dramatiq a",
        "dumb-init hypercorn a:a",
        f"dumb-init uwsgi --http :80 -M {HOOK}",
    ],
)
def test_what_its_own_processes_get_as_well_drops_what_it_has(started: Callable[..., PythonProcess], line: str) -> None:
    """Its parent would have told them to finish."""
    assert DROPS is started(line).shutdown.on_term


@pytest.mark.parametrize(
    "line",
    [
        "dumb-init --single-child celery -A a worker",
        "dumb-init -cv celery -A a worker",
        "env DUMB_INIT_SETSID=0 dumb-init celery -A a worker",
        "dumb-init celery -A a worker -P solo",
        "tini -v -- celery -A a worker",
        "timeout --foreground 60 celery -A a worker",
        "dumb-init --single-child tini -- celery -A a worker",
        "dumb-init hypercorn -w 0 a:a",
        "dumb-init gunicorn -w 4 a:a",
    ],
)
def test_what_it_alone_gets_lets_it_finish(started: Callable[..., PythonProcess], line: str) -> None:
    """Or its own processes take no harm from it."""
    assert FINISHES is started(line).shutdown.on_term


@pytest.mark.parametrize(
    ("command", "hook", "does"),
    [
        ("rq worker", "kill -TERM 1; sleep 5", DROPS),
        # Within a second RQ takes it for the same signal.
        ("rq worker", "sleep 5; kill -TERM 1", FINISHES),
        ("dramatiq tasks", "sleep 5; kill -TERM 1", DROPS),
        ("dramatiq tasks", "kill -INT 1; sleep 5", FINISHES),
        ("dramatiq tasks", "sleep 5", FINISHES),
        ("celery -A shop worker", "kill -TERM 1; sleep 5", FINISHES),
        ("huey_consumer shop.huey", "kill -TERM 1; sleep 5", DROPS),
    ],
)
def test_a_hook_may_have_sent_it_before(
    process: Callable[[str], PythonProcess], command: str, hook: str, does: OnTerm
) -> None:
    """Then the kubelet's SIGTERM is the second one."""
    container: dict[str, object] = {"name": "worker", "command": command.split()}
    container["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "-c", hook]}}}
    assert does is process(json.dumps({"containers": [container]})).shutdown.on_term


@pytest.mark.parametrize(
    ("line", "drain"),
    [
        ("gunicorn a:a", Default(30.0, "gunicorn 27.0.1")),
        ("uvicorn a:a", Default(None, "uvicorn 0.54.0")),
        ("celery -A a worker", Default(None, "celery worker 5.7.0", "the application may set task_time_limit")),
        ("dramatiq a", Default(600.0, "dramatiq 2.2.1")),
        ("rq worker", Default(180.0, "rq worker 3.0.0", "the application may set job_timeout")),
        ("huey_consumer a.huey -g TERM", Default(None, "huey 3.5.4")),
    ],
)
def test_a_servers_own_drain_holds_where_nothing_is_set(
    started: Callable[..., PythonProcess], line: str, drain: Default[float | None]
) -> None:
    """That of gunicorn is bounded; uvicorn and huey wait for ever, celery and RQ as long as their tasks may run."""
    assert drain == started(line).shutdown.drain


def test_a_declared_drain_replaces_what_is_computed(process: Callable[..., PythonProcess]) -> None:
    """A person knows what no manifest shows; each container may have its own."""
    told = process("""
        apiVersion: v1
        kind: Pod
        metadata: {annotations: {gracekeeper.dev/web.shutdown-seconds: "12.5"}}
        spec: {containers: [{name: web, command: [gunicorn, "a:a"]}]}
    """)
    path = ("metadata", "annotations", "gracekeeper.dev/web.shutdown-seconds")
    assert Known(12.5, "annotation gracekeeper.dev/shutdown-seconds", path) == told.shutdown.drain


@pytest.mark.parametrize(
    ("line", "on_term"),
    [
        ("gunicorn a:a", OnTerm.FINISHES),
        ("celery -A a worker", OnTerm.FINISHES),
        ("env REMAP_SIGTERM=SIGQUIT celery -A a worker", OnTerm.DROPS),
        ("env REMAP_SIGTERM=SIGTERM celery -A a worker", OnTerm.FINISHES),
        ("python app.py", OnTerm.UNKNOWN),
        ("./run", OnTerm.UNKNOWN),
    ],
)
def test_sigterm_may_be_given_another_meaning(
    started: Callable[..., PythonProcess], line: str, on_term: OnTerm
) -> None:
    """REMAP_SIGTERM makes celery stop cold."""
    assert on_term is started(line).shutdown.on_term


def test_only_a_signal_that_it_would_hear_goes_unnoticed(process: Callable[..., PythonProcess]) -> None:
    """Granian has no handler for SIGQUIT: it never hears that one, and misses none."""
    container = "containers: [{name: web, command: [granian, --interface, wsgi, a:a]}]"
    told = [process(container, ImageConfig("image", stop_signal=signal)) for signal in ("SIGTERM", "SIGINT", "SIGQUIT")]
    assert [True, True, False] == [bool(each.shutdown.missed_while) for each in told]
