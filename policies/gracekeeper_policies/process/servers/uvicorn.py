"""uvicorn: waits without limit for what is in flight, unless --timeout-graceful-shutdown bounds it."""

from __future__ import annotations

from operator import not_
from typing import Final

from gracekeeper_policies.process.dotenv import dotenv_settings
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
from gracekeeper_policies.process.traits import REQUEST_IN_A_THREAD, Closing, Outliving, Stopping

_HANG: Final = "hang until it is gone and are then reset"


def _several(workers: object) -> bool:
    """Is above 1."""
    return isinstance(workers, int) and workers > 1


def _alone(workers: object) -> bool:
    """Is 1 at most."""
    return not _several(workers)


SERVER: Final = Server(
    name="uvicorn",
    version="0.54.0",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.FINISHES,
    executables=("uvicorn",),
    modules=("uvicorn",),
    options=(
        Option(
            "graceful timeout",
            ("--timeout-graceful-shutdown",),
            ("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",),
            form=Form.SECONDS,
        ),
        Option("host", ("--host",), ("UVICORN_HOST",), default="127.0.0.1"),
        Option("port", ("--port",), ("UVICORN_PORT",), default=8000, form=Form.INTEGER),
        Option("uds", ("--uds",), ("UVICORN_UDS",)),
        Option("file descriptor", ("--fd",), ("UVICORN_FD",)),
        Option(
            "workers",
            ("--workers",),
            ("UVICORN_WORKERS", "WEB_CONCURRENCY"),
            setting="WEB_CONCURRENCY",
            default=1,
            form=Form.INTEGER,
        ),
        Option("reload", ("--reload",), ("UVICORN_RELOAD",), form=Form.SWITCH),
        Option("environment file", ("--env-file",), ("UVICORN_ENV_FILE",)),
    ),
    # It sets variables of the application's; of uvicorn's own, only this one is read behind it.
    configuration=ConfigurationFile("environment file", read=dotenv_settings),
    binding=Binding(host="host", port="port", elsewhere=("uds", "file descriptor")),
    drain="graceful timeout",
    closes="are refused",
    # Its supervisor keeps the socket open, and takes nothing from it.
    closing=(Closing(_HANG, {"workers": _several}), Closing(_HANG, {"reload": bool})),
    workers="workers",
    memory={"": MemoryFloor(first_mib=18.4, further_mib=18.0, supervisor_mib=21.0)},
    start_cpu_seconds=0.25,
    stopping=(Stopping(OnTerm.FINISHES, ("SIGINT",)), Stopping(OnTerm.IGNORES, ("SIGQUIT",))),
    frees_idle=True,
    # uvicorn/server.py: behind the drain it sends itself the signal again, which ends all but PID 1; there Python waits
    # for the threads.
    outliving=Outliving(REQUEST_IN_A_THREAD, {"workers": _alone, "reload": not_}, as_pid_1=True),
    development=("reload",),
)
