"""hypercorn: bounds its drain with one worker; with several, the first that leaves takes the others with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.python_settings import path_of_file, python_file
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
from gracekeeper_policies.process.toml_settings import toml_settings
from gracekeeper_policies.process.traits import REQUEST_IN_A_THREAD, Closing, Outliving, Stopping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.provenance import Known, Unknown

_SEVERAL: Final = 2


def _settings(name: str, text: str) -> Mapping[str, Known[object] | Unknown]:
    # hypercorn/__main__.py: `file:` means Python, everything else is TOML, whatever its name ends in.
    return python_file(name, text) if name.startswith("file:") else toml_settings(text)


def _several(workers: object) -> bool:
    """Is above 1."""
    return isinstance(workers, int) and workers >= _SEVERAL


def _alone(workers: object) -> bool:
    """Is 1 at most."""
    return not _several(workers)


SERVER: Final = Server(
    name="hypercorn",
    version="0.18.0",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.FINISHES,
    executables=("hypercorn",),
    modules=("hypercorn",),
    options=(
        Option("graceful timeout", ("--graceful-timeout",), setting="graceful_timeout", default=3, form=Form.SECONDS),
        Option("bind", ("-b", "--bind"), setting="bind", default="127.0.0.1:8000", many=True),
        Option("insecure bind", ("--insecure-bind",), setting="insecure_bind", many=True),
        Option("workers", ("-w", "--workers"), setting="workers", default=1, form=Form.INTEGER),
        Option("worker class", ("-k", "--worker-class"), setting="worker_class", default="asyncio"),
        Option("configuration", ("-c", "--config")),
        Option("reload", ("--reload",), setting="use_reloader", form=Form.SWITCH),
    ),
    abbreviates=True,
    configuration=ConfigurationFile("configuration", read=_settings, path=path_of_file),
    # hypercorn/config.py: the insecure addresses count beside a certificate only, and are ignored without one.
    binding=Binding(address="bind", unread=("insecure bind",)),
    drain="graceful timeout",
    closes="hang until it is gone and are then reset",
    # Without workers there is no supervisor that keeps the socket open.
    closing=(Closing("are refused", {"workers": frozenset({0}).__contains__}),),
    workers="workers",
    memory={"": MemoryFloor(first_mib=38.5, further_mib=16.6)},
    start_cpu_seconds=0.5,
    # hypercorn/run.py: once the first worker has left, the supervisor sends SIGTERM to the rest, which have no handler.
    stopping=(
        Stopping(OnTerm.DROPS, ("SIGTERM", "SIGINT"), {"workers": _several}),
        Stopping(OnTerm.DROPS, when={"workers": frozenset({1}).__contains__}, in_group=True),
        Stopping(OnTerm.FINISHES, ("SIGINT",)),
        Stopping(OnTerm.IGNORES, ("SIGQUIT",)),
    ),
    # hypercorn/asyncio/run.py: there the wait for the listening server comes first, and has no limit.
    drain_doubt="on Python 3.12 and newer it waits without limit",
    drain_cure="start one worker in each of several replicas: alone, it lets requests end",
    frees_idle=True,
    # Python waits for them when everything else is over.
    outliving=Outliving(REQUEST_IN_A_THREAD, {"workers": _alone}),
    development=("reload",),
)
