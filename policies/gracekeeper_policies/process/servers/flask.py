"""Flask's development server: without its reloader it has no handler for SIGTERM, with it the parent ends at once."""

from __future__ import annotations

from operator import not_
from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="flask run",
    version="3.1.3",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.IGNORES,
    executables=("flask",),
    modules=("flask",),
    subcommand="run",
    leading_flags=("-A", "--app", "-e", "--env-file"),
    options=(
        Option("host", ("-h", "--host"), ("FLASK_RUN_HOST",), default="127.0.0.1"),
        Option("port", ("-p", "--port"), ("FLASK_RUN_PORT",), default=5000, form=Form.INTEGER),
        Option("debug", ("--debug",), ("FLASK_DEBUG",), form=Form.SWITCH),
        Option("reload", ("--reload",), ("FLASK_RUN_RELOAD",), form=Form.SWITCH),
        Option("no reload", ("--no-reload",), form=Form.SWITCH),
    ),
    binding=Binding(host="host", port="port"),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=19.5)},
    start_cpu_seconds=0.3,
    stopping=(
        Stopping(OnTerm.DROPS, when={"reload": bool}),
        Stopping(OnTerm.DROPS, when={"debug": bool, "no reload": not_}),
        Stopping(OnTerm.DROPS, ("SIGINT",)),
        Stopping(OnTerm.IGNORES, ("SIGQUIT",)),
    ),
    production="a production server such as gunicorn",
)
