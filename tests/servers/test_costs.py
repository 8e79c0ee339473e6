"""A probe's command costs what is stated of it, measured against a yardstick as a start is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.exec_cost import cost_of
from tests.servers.contained import APPLICATIONS, PROGRAMS, ordinary
from tests.servers.yardstick import DEAREST, cpu_seconds_of, within, yardstick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.servers

_RUNS: Final = 4
_CHEAPEST: Final = 0.4

COMMANDS: Final = (
    ("python", "-c", "pass"),
    ("python", "-c", "import socket"),
    ("python", "-c", "import http.client"),
    ("python", "-c", "import requests"),
    ("python", "-c", "import httpx"),
    ("python", str(APPLICATIONS / "manage.py"), "check"),
    ("rq", "info", "-u", "redis://127.0.0.1:1"),
    ("arq", "--check", "arqed.WorkerSettings"),
    ("celery", "-A", "celeried", "inspect", "ping", "-d", "celery@nobody", "-t", "0.1"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]) + command[-1][-12:])
def test_a_command_costs_what_is_stated(
    command: tuple[str, ...], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """It costs no less: a floor may lie below what is seen, and hardly above."""
    cost = cost_of(command, {})
    assert cost is not None
    environment = {**ordinary(tmp_path), "BROKER": "/nowhere"}
    program = str(PROGRAMS / command[0]) if command[0] != "python" else sys.executable
    seen = cpu_seconds_of([program, *command[1:]], environment, runs=_RUNS) * yardstick()
    record_property("fact", ["a probe's command", cost.name, f"{cost.cpu_seconds} CPU s", f"{seen:.3f} CPU s"])
    assert within(cost.cpu_seconds, seen, _CHEAPEST, DEAREST)
