"""streamlit: ends every session at SIGTERM, in the middle of its script, and lets browsers connect anew."""

from __future__ import annotations

from typing import Final

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
from gracekeeper_policies.process.toml_settings import toml_tables
from gracekeeper_policies.process.traits import Stopping

SERVER: Final = Server(
    name="streamlit",
    version="1.67.0",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.DROPS,
    executables=("streamlit",),
    modules=("streamlit",),
    subcommand="run",
    leading_flags=("--log_level",),
    options=(
        Option("host", ("--server.address",), ("STREAMLIT_SERVER_ADDRESS",), "server.address", default="0.0.0.0"),
        Option(
            "port",
            ("--server.port",),
            ("STREAMLIT_SERVER_PORT",),
            "server.port",
            default=8501,
            form=Form.INTEGER,
        ),
    ),
    # That of its user's folder counts less than that of the working directory, that beside the script counts more.
    configuration=ConfigurationFile("", ".streamlit/config.toml", lambda _, text: toml_tables(text), elsewhere=True),
    binding=Binding(host="host", port="port"),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=47.0)},
    start_cpu_seconds=1.6,
    alone="sessions and the files that they upload live in one process, so that two need session affinity"
    " in front of them",
    stopping=(
        Stopping(OnTerm.DROPS, ("SIGINT",)),
        Stopping(OnTerm.DROPS, ("SIGQUIT",), doubt="an application of streamlit's class App has no handler for it"),
    ),
)
