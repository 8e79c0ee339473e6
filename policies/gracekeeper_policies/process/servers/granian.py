"""granian: waits without limit for what is in flight, unless --workers-kill-timeout bounds it."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Missed, Stopping

SERVER: Final = Server(
    name="granian",
    version="2.8.7",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.FINISHES,
    executables=("granian",),
    modules=("granian",),
    options=(
        Option("graceful timeout", ("--workers-kill-timeout",), ("GRANIAN_WORKERS_KILL_TIMEOUT",), form=Form.DURATION),
        Option("host", ("--host",), ("GRANIAN_HOST",), default="127.0.0.1"),
        Option("port", ("--port",), ("GRANIAN_PORT",), default=8000, form=Form.INTEGER),
        Option("uds", ("--uds",), ("GRANIAN_UDS",)),
        Option("workers", ("--workers",), ("GRANIAN_WORKERS",), default=1, form=Form.INTEGER),
        Option("interface", ("--interface",), ("GRANIAN_INTERFACE",), default="rsgi"),
        Option("reload", ("--reload",), ("GRANIAN_RELOAD",), form=Form.SWITCH),
    ),
    binding=Binding(host="host", port="port", elsewhere=("uds",)),
    drain="graceful timeout",
    closes="are refused",
    workers="workers",
    variant="interface",
    memory={
        "asgi": MemoryFloor(first_mib=23.0, further_mib=6.8),
        "wsgi": MemoryFloor(first_mib=22.5, further_mib=6.5),
    },
    start_cpu_seconds=0.2,
    stopping=(Stopping(OnTerm.FINISHES, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    frees_idle=True,
    # Its main thread waits for a lock there, and one that takes the signal in its place does not wake it.
    misses=Missed("while it starts a thread for a request", when={"interface": frozenset({"wsgi"}).__contains__}),
    development=("reload",),
)
