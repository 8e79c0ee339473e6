"""gunicorn: a pre-fork server whose master bounds the drain of its workers, whatever their class."""

from __future__ import annotations

from typing import Final

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
    Upgraded,
)
from gracekeeper_policies.process.traits import Closing, Concurrency, RequestLimit, Stopping, WritableFolder

_FAST_STOP: Final = ("SIGINT", "SIGQUIT")
_CUT: Final = frozenset({"gevent", "tornado", "asgi"})
_SPARED: Final = frozenset({"gthread", "aiohttp.GunicornWebWorker", "uvicorn_worker.UvicornWorker"})
_SYNC: Final = frozenset({"sync"})
_BLOCKING: Final = frozenset({"sync", "gthread"})
_ONE: Final = frozenset({None, 1})
_ASYNC_WORKER: Final = MemoryFloor(first_mib=28.3, further_mib=9.5)

SERVER: Final = Server(
    name="gunicorn",
    version="27.0.1",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.FINISHES,
    executables=("gunicorn",),
    modules=("gunicorn",),
    options=(
        Option("graceful timeout", ("--graceful-timeout",), setting="graceful_timeout", default=30, form=Form.SECONDS),
        Option("request timeout", ("-t", "--timeout"), setting="timeout", default=30, form=Form.SECONDS),
        Option("bind", ("-b", "--bind"), setting="bind", default="127.0.0.1:8000", many=True),
        Option("workers", ("-w", "--workers"), ("WEB_CONCURRENCY",), "workers", default=1, form=Form.INTEGER),
        Option("threads", ("--threads",), setting="threads", default=1, form=Form.INTEGER),
        Option("worker class", ("-k", "--worker-class"), setting="worker_class", default="sync"),
        Option("configuration", ("-c", "--config")),
        Option("daemon", ("-D", "--daemon"), setting="daemon", form=Form.SWITCH),
        Option("reload", ("--reload",), setting="reload", form=Form.SWITCH),
        Option("worker temporary directory", ("--worker-tmp-dir",), setting="worker_tmp_dir"),
    ),
    words_variable="GUNICORN_CMD_ARGS",
    # WEB_CONCURRENCY and PORT only stand in for defaults: the configuration file beats them.
    variables_beat_file=False,
    abbreviates=True,
    configuration=ConfigurationFile("configuration", "gunicorn.conf.py", python_file, path_of_file),
    binding=Binding(address="bind", port_variable="PORT"),
    drain="graceful timeout",
    closes="are refused",
    # The master closes its socket at once; these workers keep theirs open and take nothing from it.
    closing=(Closing("hang until the workers are gone and are then reset", {"worker class": _BLOCKING.__contains__}),),
    workers="workers",
    variant="worker class",
    memory={
        "sync": MemoryFloor(first_mib=21.3, further_mib=3.1),
        "gthread": MemoryFloor(first_mib=21.9, further_mib=3.1),
        "uvicorn_worker.UvicornWorker": _ASYNC_WORKER,
        "uvicorn.workers.UvicornWorker": _ASYNC_WORKER,
    },
    upgraded=Upgraded(option="threads", variant="sync", becomes="gthread"),
    start_cpu_seconds=0.2,
    stopping=(
        # gunicorn/workers/gtornado.py: the loop ends a second after the signal, whatever is in flight.
        Stopping(
            OnTerm.DROPS,
            when={"worker class": frozenset({"tornado"}).__contains__},
            doubt="a WSGI application blocks the loop, so that its requests end",
            rare=True,
        ),
        Stopping(OnTerm.DROPS, _FAST_STOP, {"worker class": _CUT.__contains__}),
        Stopping(OnTerm.DROPS, _FAST_STOP, {"worker class": _SYNC.__contains__, "threads": _ONE.__contains__}),
        # With several threads sync becomes gthread.
        Stopping(OnTerm.FINISHES, _FAST_STOP, {"worker class": _SYNC.__contains__}),
        Stopping(OnTerm.FINISHES, _FAST_STOP, {"worker class": _SPARED.__contains__}),
        Stopping(OnTerm.DROPS, _FAST_STOP, doubt="its worker class may let some requests end"),
    ),
    # The asynchronous classes and gthread take it for a heartbeat, which says nothing of one request.
    request_limit=RequestLimit("request timeout", ("sync",)),
    concurrency=Concurrency(("workers", "threads"), ("sync", "gthread")),
    frees_idle=True,
    development=("reload",),
    writes=WritableFolder("worker temporary directory"),
)
