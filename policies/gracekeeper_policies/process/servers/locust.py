"""locust: a load test's web interface, which it drops at SIGTERM together with the test.

Without that interface, as a worker or with `--headless`, it listens for its own kind alone. It exits with 1 where a
request of the test has failed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

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
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

# ConfigArgParse: `name value`, `name = value`, `name: value`, `--name value`, and a switch by its name alone.
_LINE: Final = re.compile(r"(?:--)?(?P<name>[^:=;#\s]+)\s*(?:[:=\s]\s*(['\"]?)(?P<value>.*?)\2)?(?:\s[;#].*)?\Z")
_SAYS_NOTHING: Final = ("#", ";", "[", "---")


def _settings(name: str, text: str) -> Mapping[str, Known[object] | Unknown]:
    if name.endswith(".toml"):
        return {"": Unknown("what TOML sets for locust is not read")}
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    found = ((number, _LINE.match(line)) for number, line in lines if line and not line.startswith(_SAYS_NOTHING))
    return {
        match["name"]: Known("true" if match["value"] is None else match["value"], f"line {number}, {match['name']}")
        for number, match in found
        if match
    }


def _is_above_0(value: object) -> bool:
    """Is above 0."""
    return isinstance(value, int | float) and value > 0


SERVER: Final = Server(
    name="locust",
    version="2.47.0",
    purpose=Purpose.REQUESTS,
    on_term=OnTerm.DROPS,
    executables=("locust",),
    modules=("locust",),
    options=(
        Option("host", ("--web-host",), ("LOCUST_WEB_HOST",), "web-host", default="0.0.0.0"),
        Option("port", ("-P", "--web-port"), ("LOCUST_WEB_PORT",), "web-port", default=8089, form=Form.INTEGER),
        Option("headless", ("--headless",), ("LOCUST_HEADLESS",), "headless", form=Form.SWITCH),
        Option("worker", ("--worker",), ("LOCUST_MODE_WORKER",), "worker", form=Form.SWITCH),
        Option("master", ("--master",), ("LOCUST_MODE_MASTER",), "master", form=Form.SWITCH),
        Option(
            "master host",
            ("--master-bind-host",),
            ("LOCUST_MASTER_BIND_HOST",),
            "master-bind-host",
            default="*",
        ),
        Option(
            "master port",
            ("--master-bind-port",),
            ("LOCUST_MASTER_BIND_PORT",),
            "master-bind-port",
            default=5557,
            form=Form.INTEGER,
        ),
        Option("processes", ("--processes",), ("LOCUST_PROCESSES",), "processes", form=Form.INTEGER),
        Option(
            "stop timeout",
            ("-s", "--stop-timeout"),
            ("LOCUST_STOP_TIMEOUT",),
            "stop-timeout",
            default=0,
            form=Form.DURATION,
        ),
        Option("configuration", ("--config",)),
    ),
    abbreviates=True,
    configuration=ConfigurationFile("configuration", "locust.conf", _settings),
    binding=Binding(
        host="host",
        port="port",
        besides=(("master", "master host", "master port"), ("processes", "master host", "master port")),
    ),
    closes="are refused",
    memory={"": MemoryFloor(first_mib=37.0)},
    start_cpu_seconds=1.3,
    stopping=(
        # Its master says how long it waits; and as long as one of them misses the other, it hears no SIGTERM.
        Stopping(OnTerm.UNKNOWN, ("SIGTERM", "SIGINT"), when={"worker": bool}),
        Stopping(OnTerm.UNKNOWN, ("SIGTERM", "SIGINT"), when={"headless": bool, "master": bool}),
        # It waits for what its users do, if a test runs.
        Stopping(OnTerm.UNKNOWN, ("SIGTERM", "SIGINT"), when={"stop timeout": _is_above_0}),
        Stopping(OnTerm.DROPS, ("SIGINT",)),
        Stopping(OnTerm.IGNORES, ("SIGQUIT",)),
    ),
    alone="each of two is a load test of its own",
    serves_unless=("headless", "worker"),
)
