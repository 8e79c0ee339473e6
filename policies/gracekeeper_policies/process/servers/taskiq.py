"""taskiq: waits without limit for the tasks that run, unless told how long."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Form, OnTerm, Option, Purpose, Server

SERVER: Final = Server(
    name="taskiq worker",
    version="0.13.0",
    purpose=Purpose.TASKS,
    on_term=OnTerm.FINISHES,
    executables=("taskiq",),
    modules=("taskiq",),
    subcommand="worker",
    options=(
        Option("graceful timeout", ("--wait-tasks-timeout",), form=Form.SECONDS),
        Option("workers", ("-w", "--workers"), default=2, form=Form.INTEGER),
        Option("reload", ("-r", "--reload"), form=Form.SWITCH),
    ),
    abbreviates=True,
    drain="graceful timeout",
    workers="workers",
    unbounded_cure="write --wait-tasks-timeout with the seconds that a task may take",
    development=("reload",),
)
