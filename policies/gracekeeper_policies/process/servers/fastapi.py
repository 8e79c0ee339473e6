"""FastAPI's own command: it starts uvicorn, and offers no option that bounds the drain."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from gracekeeper_policies.process.server import Binding, Form, MemoryFloor, OnTerm, Option, Purpose, Server
from gracekeeper_policies.process.traits import Closing, Stopping

_HANG: Final = "hang until it is gone and are then reset"


def _several(workers: object) -> bool:
    """Is above 1."""
    return isinstance(workers, int) and workers > 1


SERVER: Final = Server(
    name="fastapi run",
    version="0.0.34",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.FINISHES,
    executables=("fastapi",),
    modules=("fastapi", "fastapi_cli"),
    subcommand="run",
    options=(
        Option("host", ("--host",), default="0.0.0.0"),
        Option("port", ("--port",), ("PORT",), default=8000, form=Form.INTEGER),
        Option("workers", ("--workers",), ("WEB_CONCURRENCY",), default=1, form=Form.INTEGER),
        Option("reload", ("--reload",), form=Form.SWITCH),
    ),
    binding=Binding(host="host", port="port"),
    closes="are refused",
    # As in uvicorn: the supervisor keeps the socket open, and takes nothing from it.
    closing=(Closing(_HANG, {"workers": _several}), Closing(_HANG, {"reload": bool})),
    workers="workers",
    memory={"": MemoryFloor(first_mib=40.5, further_mib=39.5, supervisor_mib=39.5)},
    start_cpu_seconds=0.8,
    # UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN is read by uvicorn's own command only.
    unbounded_cure="start `uvicorn` itself, which has --timeout-graceful-shutdown",
    stopping=(Stopping(OnTerm.FINISHES, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    frees_idle=True,
    development=("reload",),
)

DEVELOPMENT: Final = replace(
    SERVER,
    name="fastapi dev",
    subcommand="dev",
    options=(Option("host", ("--host",), default="127.0.0.1"), SERVER.option("port")),
    # It reloads unless it is told not to.
    closes=_HANG,
    closing=(),
    workers="",
    memory={},
    production="`fastapi run`",
    development=(),
)
