"""daphne: has no graceful stop, so everything in flight is dropped at once."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="daphne",
    version="4.2.3",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.DROPS,
    executables=("daphne",),
    modules=("daphne",),
    options=(
        Option("host", ("-b", "--bind"), default="127.0.0.1"),
        Option("port", ("-p", "--port"), default=8000, form=Form.INTEGER),
        Option("unix socket", ("-u", "--unix-socket")),
        Option("file descriptor", ("--fd",)),
        Option("endpoint", ("-e", "--endpoint")),
    ),
    abbreviates=True,
    # A socket or an endpoint takes the place of the default address, but stands beside one that is given.
    binding=Binding(host="host", port="port", unread=("unix socket", "file descriptor", "endpoint")),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=34.5)},
    start_cpu_seconds=0.46,
    stopping=(Stopping(OnTerm.DROPS, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
)
