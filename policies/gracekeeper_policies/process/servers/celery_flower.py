"""celery flower: leaves its event loop at SIGTERM, and with it the pages that somebody still waits for.

Its options are tornado's, with a value behind an equals sign: the file `flowerconfig.py` beats variables.
"""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.python_settings import python_file
from gracekeeper_policies.process.server import (
    Binding,
    ConfigurationFile,
    Form,
    MemoryFloor,
    OnTerm,
    Option,
    Purpose,
    Server,
)
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="celery flower",
    version="2.2.0",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.DROPS,
    executables=("celery",),
    modules=("celery", "celery.__main__"),
    subcommand="flower",
    leading_flags=("-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"),
    options=(
        Option("host", ("--address",), ("FLOWER_ADDRESS",), "address", default="0.0.0.0"),
        Option("port", ("--port",), ("FLOWER_PORT",), "port", default=5555, form=Form.INTEGER),
        Option("unix socket", ("--unix-socket", "--unix_socket"), ("FLOWER_UNIX_SOCKET",), "unix_socket"),
        Option("configuration", ("--conf",), ("FLOWER_CONF",)),
    ),
    variables_beat_file=False,
    configuration=ConfigurationFile("configuration", "flowerconfig.py", python_file),
    binding=Binding(host="host", port="port", elsewhere=("unix socket",)),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=49.0)},
    start_cpu_seconds=0.9,
    alone="each of two shows what it saw itself",
    stopping=(Stopping(OnTerm.DROPS, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
)
