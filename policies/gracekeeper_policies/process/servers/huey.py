"""huey: SIGTERM interrupts its tasks and loses them, unless `--graceful-signal TERM` makes it the graceful one."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from gracekeeper_policies.process.server import (
    Form,
    MemoryFloor,
    OnTerm,
    Option,
    Purpose,
    Schedule,
    Server,
)
from gracekeeper_policies.process.traits import Stopping

CONSUMER: Final = Server(
    name="huey",
    version="3.5.4",
    purpose=Purpose.TASKS,
    on_term=OnTerm.DROPS,
    executables=("huey_consumer", "huey_consumer.py"),
    modules=("huey.bin.huey_consumer",),
    options=(
        Option("graceful signal", ("-g", "--graceful-signal"), default="INT"),
        Option("shutdown timeout", ("-t", "--shutdown-timeout"), form=Form.SECONDS),
        Option("workers", ("-w", "--workers"), default=1, form=Form.INTEGER),
        Option("worker type", ("-k", "--worker-type"), default="thread"),
        Option("no periodic tasks", ("-n", "--no-periodic"), form=Form.SWITCH),
    ),
    abbreviates=True,
    drain="shutdown timeout",
    second_cuts=0.0,
    workers="workers",
    variant="worker type",
    forks=("process",),
    memory={"thread": MemoryFloor(first_mib=25.0), "process": MemoryFloor(first_mib=36.0, further_mib=5.3)},
    start_cpu_seconds=0.35,
    schedule=Schedule(turned_off="no periodic tasks", doubt="the application may define no periodic tasks"),
    stopping=(
        Stopping(OnTerm.FINISHES, ("SIGTERM",), {"graceful signal": frozenset({"TERM"}).__contains__}),
        Stopping(OnTerm.FINISHES, ("SIGINT",), {"graceful signal": frozenset({"INT"}).__contains__}),
        Stopping(OnTerm.IGNORES, ("SIGQUIT",)),
    ),
    stop_argument="--graceful-signal TERM",
)

DJANGO: Final = replace(
    CONSUMER,
    executables=("manage.py", "django-admin"),
    modules=("django",),
    subcommand="run_huey",
    # Django's settings hold them too: HUEY["consumer"].
    options=tuple(replace(option, code='HUEY["consumer"]') for option in CONSUMER.options),
)
