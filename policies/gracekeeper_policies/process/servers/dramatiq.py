"""dramatiq: worker processes with threads, whose shutdown waits ten minutes for the messages in hand."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.server import Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="dramatiq",
    version="2.2.1",
    purpose=Purpose.TASKS,
    on_term=OnTerm.FINISHES,
    executables=("dramatiq", "dramatiq-gevent"),
    modules=("dramatiq",),
    options=(
        Option("shutdown timeout", ("--worker-shutdown-timeout",), default=600, form=Form.MILLISECONDS),
        Option("processes", ("-p", "--processes"), default=NODE_CPUS, form=Form.INTEGER),
        Option("threads", ("-t", "--threads"), default=8, form=Form.INTEGER),
    ),
    abbreviates=True,
    drain="shutdown timeout",
    second_cuts=0.0,
    # dramatiq/cli.py: its processes are sent it by the main one too, and the second one ends them.
    stopping=(
        Stopping(
            OnTerm.DROPS, code=1, in_group=True, doubt="now and then both signals arrive as one, and messages end"
        ),
    ),
    workers="processes",
    start_cpu_seconds=0.3,
    memory={"": MemoryFloor(first_mib=34.0, further_mib=17.5)},
)
