"""Workers: how many processes a server starts, what limits one task, and what becomes of it at SIGTERM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.provenance import Default, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("celery -A a worker", NODE_CPUS),
        ("celery -A a worker -c 4", 4),
        ("celery -A a worker --concurrency=4 --pool=processes", 4),
        ("celery -A a worker -P gevent -c 100", None),
        ("celery -A a worker --pool=solo", None),
        ("celery -A a worker --autoscale=10,3", None),
        ("celery -A a worker -c auto", None),
        ("dramatiq a", NODE_CPUS),
        ("dramatiq a --proc 2 -t 16", NODE_CPUS),
        ("dramatiq a --processes 2 -t 16", 2),
        ("rq worker", None),
        ("rq worker-pool -n 3", 3),
        ("arq a.W", None),
        ("huey_consumer a.huey -w 4", None),
        ("huey_consumer a.huey -w 4 -k process", 4),
        ("gunicorn a:a -w 3", 3),
        ("sh -c 'gunicorn -w $(nproc) a:a'", NODE_CPUS),
        ("sh -c 'gunicorn --workers=$(( 2 * $(nproc) + 1 )) a:a'", NODE_CPUS),
        ("bash -c 'W=`nproc`; exec gunicorn -w $W a:a'", NODE_CPUS),
        ("sh -c 'export WEB_CONCURRENCY=$(nproc); exec gunicorn a:a'", NODE_CPUS),
        ("sh -c 'gunicorn -w $(cat /workers) a:a'", None),
        ("sh -c 'gunicorn -w $(( $(nproc) > 4 ? 4 : $(nproc) )) a:a'", None),
        ("python app.py", None),
    ],
)
def test_only_processes_are_counted(started: Callable[..., PythonProcess], line: str, number: int | str | None) -> None:
    """Threads and greenlets share one CPU, and what scales itself has no number."""
    found = started(line).worker_processes
    assert number == (None if isinstance(found, Unknown) else found.value)


@pytest.mark.parametrize(
    ("line", "seconds", "soft"),
    [
        ("celery -A a worker", None, False),
        ("celery -A a worker --time-limit=300", 300.0, False),
        ("celery -A a worker --time-limit=0", None, False),
        ("celery -A a worker --soft-time-limit=60", 60.0, True),
        ("celery -A a worker --soft-time-limit=60 --time-limit=90", 90.0, False),
        ("celery -A a worker --time-limit=300 -P threads", None, False),
        ("celery -A a worker --time-limit=300 -P gevent", None, False),
        ("rq worker", 180.0, False),
    ],
)
def test_a_task_limit_holds_where_tasks_run_in_processes(
    started: Callable[..., PythonProcess], line: str, seconds: float | None, soft: bool
) -> None:
    """A thread cannot be killed, and 0 is no limit; a soft limit only asks."""
    limit = started(line).task_limit
    assert limit is not None
    assert not isinstance(limit.seconds, Unknown)
    assert (seconds, soft) == (limit.seconds.value, limit.is_soft)


def test_a_variable_sets_celerys_options(process: Callable[[str], PythonProcess]) -> None:
    """Its command line reads `CELERY_WORKER_…` for each of them."""
    worker = process("""
        containers:
        - name: worker
          command: [celery, -A, shop, worker]
          env:
          - {name: CELERY_WORKER_CONCURRENCY, value: "3"}
          - {name: CELERY_WORKER_TIME_LIMIT, value: "25"}
    """)
    path = ("spec", "template", "spec", "containers", 0, "env", 0, "value")
    assert Known(3, "CELERY_WORKER_CONCURRENCY", path) == worker.worker_processes
    assert 25.0 == getattr(worker.shutdown.drain, "value", None)


@pytest.mark.parametrize(
    ("line", "on_term"),
    [
        ("celery -A a worker", OnTerm.FINISHES),
        ("celery -A a beat", OnTerm.ENDS),
        ("dramatiq a", OnTerm.FINISHES),
        ("rq worker", OnTerm.FINISHES),
        ("arq a.W", OnTerm.GIVES_BACK),
        ("huey_consumer a.huey", OnTerm.DROPS),
        ("huey_consumer a.huey -g TERM", OnTerm.FINISHES),
        ("huey_consumer a.huey --graceful-signal=TERM", OnTerm.FINISHES),
        ("python manage.py run_huey", OnTerm.DROPS),
    ],
)
def test_each_worker_takes_sigterm_in_its_own_way(
    started: Callable[..., PythonProcess], line: str, on_term: OnTerm
) -> None:
    """As measured on the version that its table names."""
    assert on_term is started(line).shutdown.on_term


def test_dramatiq_counts_its_shutdown_in_milliseconds(started: Callable[..., PythonProcess]) -> None:
    """All others count seconds."""
    drain = started("dramatiq a --worker-shutdown-timeout 25000").shutdown.drain
    assert 25.0 == getattr(drain, "value", None)


def test_what_an_application_may_set_is_in_doubt(started: Callable[..., PythonProcess]) -> None:
    """A flag beats it, a default does not."""
    assert "the application may set worker_concurrency" == getattr(
        started("celery -A a worker").worker_processes, "doubt", None
    )
    assert isinstance(started("celery -A a worker -c 2").worker_processes, Known)
    assert isinstance(started("dramatiq a").worker_processes, Default)
