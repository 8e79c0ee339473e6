"""waitress: has no handler for SIGTERM; at SIGINT it lets its threads finish for up to five seconds."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Concurrency, Stopping

SERVER: Final = Server(
    name="waitress",
    version="3.0.2",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.IGNORES,
    executables=("waitress-serve",),
    modules=("waitress",),
    options=(
        # waitress/task.py: a fixed time, at SIGINT only.
        Option("graceful timeout", default=5, form=Form.SECONDS),
        Option("listen", ("--listen",), many=True),
        Option("host", ("--host",), default="0.0.0.0"),
        Option("port", ("--port",), default=8080, form=Form.INTEGER),
        Option("unix socket", ("--unix-socket",)),
        Option("threads", ("--threads",), default=4, form=Form.INTEGER),
    ),
    abbreviates=True,
    binding=Binding(address="listen", host="host", port="port", default_port=8080, elsewhere=("unix socket",)),
    drain="graceful timeout",
    closes="hang until it is gone and are then reset",
    memory={"": MemoryFloor(first_mib=7.7)},
    start_cpu_seconds=0.1,
    stopping=(Stopping(OnTerm.FINISHES, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    drain_cure="put `dumb-init --rewrite 15:2` in front: at SIGINT it lets requests end, for 5 s",
    concurrency=Concurrency(("threads",)),
)
