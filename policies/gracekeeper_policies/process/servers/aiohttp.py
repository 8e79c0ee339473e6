"""aiohttp's own server: waits for requests twice over, a minute each, before it cancels them."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="aiohttp.web",
    version="3.14.5",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.FINISHES,
    modules=("aiohttp.web",),
    options=(
        # aiohttp/web.py: `shutdown_timeout` is 60 s, and is waited for twice: by the runner, then by each connection.
        Option("graceful timeout", default=120, form=Form.SECONDS),
        Option("host", ("-H", "--hostname"), default="localhost"),
        Option("port", ("-P", "--port"), default=8080, form=Form.INTEGER),
        Option("unix socket", ("-U", "--path")),
    ),
    abbreviates=True,
    binding=Binding(host="host", port="port", default_port=8080, elsewhere=("unix socket",)),
    drain="graceful timeout",
    closes="are refused",
    memory={"": MemoryFloor(first_mib=22.5)},
    start_cpu_seconds=0.5,
    stopping=(Stopping(OnTerm.FINISHES, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    frees_idle=True,
    second_cuts=0.0,
)
