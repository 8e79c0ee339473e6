"""kopf: an operator, which lets handlers run for 2 s after SIGTERM; who comes next calls those that were not over."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Outliving, Stopping

SERVER: Final = Server(
    name="kopf run",
    version="1.45.2",
    purpose=Purpose.TASKS,
    on_term=OnTerm.FINISHES,
    executables=("kopf",),
    modules=("kopf",),
    subcommand="run",
    options=(
        Option("exit timeout", default=2, form=Form.SECONDS, code="settings.queueing.exit_timeout"),
        Option("liveness", ("-L", "--liveness"), ("KOPF_RUN_LIVENESS_ENDPOINT",)),
    ),
    binding=Binding(address="liveness", default_port=80, default_host="localhost"),
    drain="exit timeout",
    memory={"": MemoryFloor(first_mib=29.0)},
    start_cpu_seconds=0.6,
    stopping=(Stopping(OnTerm.FINISHES, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    # It has no way to cancel a thread, and Python waits for it.
    outliving=Outliving("a handler that is a plain def counts as cancelled, is called again by the next operator"),
    alone="each of two calls its handlers for every change, unless a KopfPeering keeps one of them still",
)
