"""celery beat: sends every task of its schedule, and knows of no other beat that does the same."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import MemoryFloor, OnTerm, Option, Purpose, Schedule, Server
from gracekeeper_policies.process.traits import WritableFolder

SERVER: Final = Server(
    name="celery beat",
    version="5.7.0",
    purpose=Purpose.SCHEDULE,
    on_term=OnTerm.ENDS,
    executables=("celery",),
    modules=("celery", "celery.__main__"),
    subcommand="beat",
    leading_flags=("-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"),
    memory={"": MemoryFloor(first_mib=42.0)},
    start_cpu_seconds=1.2,
    options=(
        Option("schedule file", ("-s", "--schedule"), ("CELERY_BEAT_SCHEDULE",), code="beat_schedule_filename"),
        Option("scheduler", ("-S", "--scheduler"), ("CELERY_BEAT_SCHEDULER",), code="beat_scheduler"),
    ),
    # Its own scheduler keeps its times in a file `celerybeat-schedule`; what others keep is not known.
    writes=WritableFolder("schedule file", is_file=True, temporary=False, unless="scheduler"),
    schedule=Schedule(
        scheduler="scheduler",
        # RedBeat and its like hold a lock: the second one waits. Nothing is claimed of a class that is not listed.
        unlocked=(
            None,
            "celery.beat:PersistentScheduler",
            "celery.beat.PersistentScheduler",
            "django",
            "django_celery_beat.schedulers:DatabaseScheduler",
            "django_celery_beat.schedulers.DatabaseScheduler",
        ),
    ),
)
