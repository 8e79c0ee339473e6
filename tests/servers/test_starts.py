"""A server listens where the product says, has as many processes, and costs what its table says.

Memory is held to 80 to 108 % of what was seen: what workers share varies from run to run, a few percent of it with the
machine, and CPython 3.13 needs at least 98 % of what 3.11 does. CPU seconds are those of one machine, and others are
faster or slower as a whole: what is seen here is scaled by what a yardstick takes here, whose cost on that machine is
stated. A floor may exceed it by a half, the noise of a busy machine, and be as low as a third of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import pytest
from msgspec import Struct

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.provenance import Unknown, joined
from tests.servers.broker import Broker
from tests.servers.contained import APPLICATIONS, Contained, ordinary
from tests.servers.starts import STARTS
from tests.servers.yardstick import DEAREST, within, yardstick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gracekeeper_policies.process.python_process import PythonProcess
    from tests.servers.starts import Start

pytestmark = pytest.mark.servers

_START: Final = 90.0
_ASK: Final = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=60)
connection.request("GET", "/")
sys.exit(connection.getresponse().status != 200)
"""
_FIRST_OF_NOBODY: Final = 32768
"""Ports from here on the kernel chooses: who listens on one talks to itself."""
_HEAVIEST: Final = 1.08
_LIGHTEST: Final = 0.8
_CHEAPEST: Final = 0.33


class Numbers(Struct, frozen=True):
    """Where it listens, how many processes it has, and what it needs; None where that is not stated or not seen."""

    listens: frozenset[str] | None
    processes: int | None = None
    mib: float | None = None
    cpu_seconds: float | None = None

    def __str__(self) -> str:
        listens = "" if self.listens is None else f"listens on {', '.join(sorted(self.listens)) or 'no port'}"
        processes = "" if self.processes is None else f"{self.processes} processes"
        mib = "" if self.mib is None else f"{self.mib:.1f} MiB"
        cpu = "" if self.cpu_seconds is None else f"{self.cpu_seconds:.2f} CPU s"
        return ", ".join(filter(None, (listens, processes, mib, cpu)))


def stated(start: Start) -> Numbers:
    """What the product says of it."""
    process = start.process
    assert process.server is not None, start.line
    listens = (
        None
        if isinstance(process.addresses.binds, Unknown)
        else frozenset(str(bind).replace("*:", "0.0.0.0:") for bind in process.addresses.binds)
    )
    if start.beside is None:
        return Numbers(listens)
    floor = process.memory_floor
    return Numbers(
        listens, workers_of(process) + start.beside, floor.mib if floor else None, process.server.start_cpu_seconds
    )


def workers_of(process: PythonProcess) -> int:
    """The worker processes that are stated; none where they are threads, or nobody can tell."""
    workers = process.worker_processes
    if isinstance(workers, Unknown):
        return 0
    number = os.cpu_count() if workers.value == NODE_CPUS else workers.value
    assert isinstance(number, int)
    return number


def differences(said: Numbers, seen: Numbers, *, lean: bool, few: bool) -> list[str]:
    """What was seen and is not as stated; a start that is not `lean` may need more, one that is not `few` more CPU."""
    found = []
    if said.listens is not None and said.listens != seen.listens:
        found.append("listens")
    if said.processes != seen.processes:
        found.append("processes")
    if not within(said.mib, seen.mib, _LIGHTEST if lean else 0, _HEAVIEST):
        found.append("memory")
    if not within(said.cpu_seconds, seen.cpu_seconds, _CHEAPEST if few and lean else 0, DEAREST):
        found.append("CPU")
    return [f"{what}: stated {said}, seen {seen}" for what in found]


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.id)
def test_a_start(start: Start, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """From the command line alone it is told how the server will start."""
    said = stated(start)
    with Broker(tmp_path) if start.worker else nullcontext() as broker:
        environment = {"BROKER": str(broker.socket) if broker else "/nowhere", **start.environment}
        _lay_out(start, tmp_path)
        argv = [
            *(each.format(apps=APPLICATIONS) for each in start.through),
            *start.proof.argv(broker=environment["BROKER"]),
        ]
        with Contained(argv, tmp_path, environment, setup="true") as contained:
            _await(start, contained, environment)
            seen = _measured(start, contained, said)
            record_property("fact", [start.proof.owner, start.id, str(said), str(seen)])
            found = differences(said, seen, lean=start.lean, few=workers_of(start.process) <= 1)
            assert bool(found) is start.shortened, contained.obituary(f"did otherwise: {found}")
    assert _doubt(start.process) or not start.shortened


def _doubt(process: PythonProcess) -> str:
    assert process.server is not None
    return joined(*(process.setting_doubt(option.name) for option in process.server.options))


def _lay_out(start: Start, folder: Path) -> None:
    start.proof.lay_out(folder)
    if "certificate" in start.line:
        from trustme import CA  # noqa: PLC0415 - for one start alone

        issued = CA().issue_cert("localhost")
        issued.private_key_pem.write_to_path(folder / "key")
        issued.cert_chain_pems[0].write_to_path(folder / "certificate")


def _await(start: Start, contained: Contained, environment: dict[str, str]) -> None:
    if start.worker:
        text = f"from {start.worker.module} import send; send(0)"
        subprocess.run([sys.executable, "-c", text], env=ordinary(contained.folder) | environment, check=True)
        contained.await_file("done")
    elif start.logs:
        contained.ready(lambda: start.logs in contained.log.read_text(), _START)
    elif start.socket:
        contained.ready(lambda: contained.wrote(start.socket), _START)
        contained.settle()
    else:
        contained.ready(lambda: bool(contained.listens()), _START)
        if start.silent:
            contained.settle()
            return
        host, port = min(contained.listens())
        near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        contained.ready(lambda: contained.asks(sys.executable, "-c", _ASK, near, str(port)), _START)


def _measured(start: Start, contained: Contained, said: Numbers) -> Numbers:
    cpu_seconds = contained.cpu_seconds()
    if start.beside is None:
        return Numbers(_listens(contained, said))
    scale = yardstick()
    contained.settle()
    listens, processes = _listens(contained, said), len(contained.processes())
    return Numbers(listens, processes, contained.unreclaimable_mib(), cpu_seconds * scale)


def _listens(contained: Contained, said: Numbers) -> frozenset[str]:
    everywhere = {"::": "0.0.0.0"}
    named = any(each.startswith("localhost:") for each in said.listens or ())
    names = {"127.0.0.1": "localhost", "::1": "localhost"} if named else {}
    aliases = names | everywhere
    found = (address for address in contained.listens() if address[1] < _FIRST_OF_NOBODY)
    return frozenset(f"{aliases.get(host, host)}:{port}" for host, port in found)
