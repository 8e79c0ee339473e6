"""Python's own server of files: has no handler for SIGTERM, and says itself that it is not for production."""

from __future__ import annotations

import re
from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="http.server",
    version="3.11.7",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.IGNORES,
    modules=("http.server",),
    options=(
        Option("host", ("-b", "--bind"), default="0.0.0.0"),
        Option(
            "port",
            default=8000,
            form=Form.INTEGER,
            bare=re.compile(r"\d+\Z"),
            valued=("-b", "--bind", "-d", "--directory", "-p", "--protocol"),
        ),
    ),
    abbreviates=True,
    binding=Binding(host="host", port="port"),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=9.2)},
    start_cpu_seconds=0.06,
    stopping=(Stopping(OnTerm.DROPS, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    production="a server for production, such as nginx for files",
)
