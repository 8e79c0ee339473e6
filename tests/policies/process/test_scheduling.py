"""Schedulers: who sends tasks by the clock, and what takes a lock so that two may live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("celery -A a beat", ["celery beat"]),
        ("celery -A a beat -S django", ["celery beat"]),
        ("celery -A a beat --scheduler=django_celery_beat.schedulers:DatabaseScheduler", ["celery beat"]),
        ("celery -A a beat -S redbeat.RedBeatScheduler", []),
        ("celery -A a beat -S shop.scheduler:Locked", []),
        ("celery -A a worker", []),
        ("celery -A a worker -B", ["celery worker"]),
        ("celery -A a worker --beat --scheduler redbeat.RedBeatScheduler", []),
        ("sh -c 'celery -A a beat & celery -A a worker & wait'", ["celery beat"]),
        ("sh -c 'if [ -e /beat ]; then celery -A a beat; else celery -A a worker; fi'", []),
        ("huey_consumer a.huey", ["huey"]),
        ("huey_consumer a.huey -n", []),
        ("rq worker --with-scheduler", []),
        ("rqscheduler", []),
        ("arq a.W", []),
        ("python scheduler.py", []),
        ("/entrypoint-celery-beat.sh", []),
    ],
)
def test_a_scheduler_is_one_that_takes_no_lock(
    started: Callable[..., PythonProcess], line: str, names: list[str]
) -> None:
    """RQ's and RedBeat's take one; of an application's own class nothing is claimed."""
    assert names == [scheduler.name for scheduler in started(line).schedulers]


def test_hueys_consumer_may_have_nothing_to_schedule(started: Callable[..., PythonProcess]) -> None:
    """Its scheduler always runs, celery's only where it has a schedule."""
    doubts = [each.idle for line in ("huey_consumer a.h", "celery -A a beat") for each in started(line).schedulers]
    assert ["the application may define no periodic tasks", ""] == doubts


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("celery -A a beat", "the application may set beat_scheduler"),
        ("celery -A a worker -B", "the application may set beat_scheduler"),
        ("celery -A a beat -S django", ""),
    ],
)
def test_the_application_may_choose_a_scheduler_with_a_lock(
    started: Callable[..., PythonProcess], line: str, doubt: str
) -> None:
    """A flag beats what its code says; without one, the code may have chosen RedBeat."""
    assert [doubt] == [scheduler.doubt for scheduler in started(line).schedulers]
