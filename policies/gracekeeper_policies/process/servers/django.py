"""Django's development server: with its reloader the parent ends at once, without it SIGTERM has no handler."""

from __future__ import annotations

import re
from typing import Final

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Stopping

# django/core/management/commands/runserver.py: an address, a name, or nothing, and the port.
_ADDRESS: Final = re.compile(r"(?:(?:[\w.-]+|\[[\da-fA-F:]+\]):)?\d{2,5}\Z")

SERVER: Final = Server(
    name="runserver",
    version="5.2.19",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.DROPS,
    executables=("manage.py", "django-admin"),
    modules=("django", "manage"),
    subcommand="runserver",
    leading_flags=("--settings", "--pythonpath", "-v", "--verbosity"),
    options=(
        Option(
            "address",
            default="127.0.0.1:8000",
            bare=_ADDRESS,
            valued=(
                "--settings",
                "--pythonpath",
                "-v",
                "--verbosity",
                "--http_timeout",
                "--websocket_handshake_timeout",
            ),
        ),
        Option("noreload", ("--noreload",), form=Form.SWITCH),
    ),
    abbreviates=True,
    binding=Binding(address="address", default_host="127.0.0.1"),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=29.5)},
    start_cpu_seconds=0.45,
    stopping=(
        Stopping(OnTerm.IGNORES, when={"noreload": bool}, doubt="an app such as daphne may replace the command"),
        Stopping(OnTerm.DROPS, ("SIGINT",)),
        Stopping(OnTerm.IGNORES, ("SIGQUIT",)),
    ),
    production="a production server such as gunicorn",
)
