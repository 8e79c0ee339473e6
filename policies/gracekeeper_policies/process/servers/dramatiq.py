"""dramatiq: worker processes with threads, whose shutdown waits ten minutes for the messages in hand."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.server import Form, MemoryFloor, OnTerm, Option, Purpose, Server

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
    workers="processes",
    start_cpu_seconds=0.3,
    memory={"": MemoryFloor(first_mib=23.7, further_mib=5.4)},
)
