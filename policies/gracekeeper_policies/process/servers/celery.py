"""A celery worker: its warm shutdown waits without limit for the tasks that run."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Form, OnTerm, Option, Purpose, Remapped, Server

SERVER: Final = Server(
    name="celery worker",
    version="5.7.0",
    purpose=Purpose.TASKS,
    on_term=OnTerm.FINISHES,
    executables=("celery",),
    modules=("celery",),
    subcommand="worker",
    leading_flags=("-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"),
    options=(
        Option("concurrency", ("-c", "--concurrency"), form=Form.INTEGER),
        Option("pool", ("-P", "--pool"), default="prefork"),
        Option("task time limit", ("--time-limit",), form=Form.SECONDS),
    ),
    workers="concurrency",
    task_limit="task time limit",
    # billiard/common.py: a cold shutdown at once, which loses or gives back the tasks that run.
    remapped=Remapped("REMAP_SIGTERM", "SIGQUIT", OnTerm.DROPS),
)
