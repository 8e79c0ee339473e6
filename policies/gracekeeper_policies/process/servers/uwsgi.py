"""uWSGI: SIGTERM makes its master reload instead of stop, unless it is told otherwise; only a hook spares requests."""

from __future__ import annotations

import re
from operator import not_
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
from gracekeeper_policies.process.traits import Concurrency, RequestLimit, Stopping
from gracekeeper_policies.process.uwsgi_files import file_words

_FILES: Final = (
    *("--ini", "-y", "--yaml", "--yml", "-j", "--json", "--js", "-x", "--xml", "--xmlconfig"),
    *("--config", "--emperor", "--include", "--inherit"),
)
_FILE: Final = re.compile(r"[^-].*\.(?:ini|ya?ml|json|js|xml)(?::\w+)?\Z")


def _finishes(hooks: object) -> bool:
    """Is `unix_signal:15 gracefully_kill_them_all`."""
    return "unix_signal:15 gracefully_kill_them_all" in str(hooks)


def _address(name: str, *flags: str) -> Option:
    return Option(name, (*flags, f"--{name}"), (f"UWSGI_{name.upper().replace('-', '_')}",), name, many=True)


def _switch(name: str, *flags: str) -> Option:
    return Option(name, (*flags, f"--{name}"), (f"UWSGI_{name.upper().replace('-', '_')}",), name, form=Form.SWITCH)


def _number(name: str, *flags: str, default: int | None = None) -> Option:
    variable = f"UWSGI_{name.upper().replace('-', '_')}"
    return Option(name, (*flags, f"--{name}"), (variable,), name, default, Form.INTEGER)


SERVER: Final = Server(
    name="uwsgi",
    version="2.0.31",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.DROPS,
    executables=("uwsgi", "pyuwsgi"),
    options=(
        _address("http"),
        _address("http-socket"),
        _address("http11-socket"),
        _address("https"),
        _address("socket", "-s", "--uwsgi-socket"),
        _number("processes", "-p", "--workers", default=1),
        _number("threads", default=1),
        _number("async"),
        _number("gevent"),
        _number("harakiri", "-t"),
        _switch("master", "-M"),
        _switch("die-on-term"),
        _switch("exit-on-reload"),
        Option("hook-master-start", ("--hook-master-start",), ("UWSGI_HOOK_MASTER_START",), many=True),
        _number("py-autoreload", "--py-auto-reload", "--python-autoreload", "--python-auto-reload"),
        Option("configuration", _FILES, ("UWSGI_INI", "UWSGI_YAML", "UWSGI_JSON", "UWSGI_XML"), bare=_FILE),
    ),
    # A file counts where a flag names it, and last of all where a bare word does; variables come before everything.
    variables_beat_file=False,
    configuration=ConfigurationFile("configuration", words=file_words),
    binding=Binding(further=("http", "http-socket", "http11-socket", "https", "socket"), default_port=None),
    closes="hang until it is gone and are then reset",
    workers="processes",
    memory={"": MemoryFloor(first_mib=5.7, further_mib=2.4)},
    start_cpu_seconds=0.03,
    stopping=(
        Stopping(OnTerm.DROPS, when={"master": bool, "hook-master-start": _finishes}, in_group=True),
        Stopping(OnTerm.FINISHES, when={"master": bool, "hook-master-start": _finishes}),
        Stopping(OnTerm.RESTARTS, when={"master": bool, "die-on-term": not_, "exit-on-reload": not_}),
        # Alone it exits with code 30, which is not 0 and so counts as a failure.
        Stopping(OnTerm.DROPS, ("SIGTERM", "SIGINT"), {"master": not_}, code=30),
        Stopping(OnTerm.DROPS, ("SIGINT",)),
        Stopping(OnTerm.IGNORES, ("SIGQUIT",), {"master": not_}),
        Stopping(OnTerm.RESTARTS, ("SIGQUIT",), {"die-on-term": bool}),
        Stopping(OnTerm.DROPS, ("SIGQUIT",)),
    ),
    unbounded_cure="declare gracekeeper.dev/shutdown-seconds, if the application bounds its requests",
    stop_argument="--die-on-term",
    drain_cure="write `--hook-master-start 'unix_signal:15 gracefully_kill_them_all'` with --master: then requests end",
    request_limit=RequestLimit("harakiri"),
    concurrency=Concurrency(("processes", "threads", "async", "gevent")),
    frees_idle=True,
    development=("py-autoreload",),
)
