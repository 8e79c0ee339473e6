"""Nothing is stated of a server that is not proved: each row of each table is what decides one of the proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import pytest

from gracekeeper_policies.process import stopping
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.servers import SERVERS
from gracekeeper_policies.process.stopping import may_finish
from gracekeeper_policies.process.wrappers import WRAPPERS
from tests.servers.load_tests import LOAD_TESTS
from tests.servers.operators import OPERATORS
from tests.servers.proof import Fate, Proof, is_cut_by_second
from tests.servers.requests_in_flight import REQUESTS
from tests.servers.schedulers import SCHEDULERS
from tests.servers.tasks_in_flight import TASKS
from tests.servers.told_twice import REQUESTS_TWICE, TASKS_TWICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.server import Server
    from gracekeeper_policies.process.settings import Settings
    from gracekeeper_policies.process.wrappers import Wrapper

_OF_WORKERS: Final = [proof for tasks in (TASKS, TASKS_TWICE) for proofs in tasks.values() for proof in proofs]
PROOFS: Final = (*REQUESTS, *REQUESTS_TWICE, *SCHEDULERS, *LOAD_TESTS, *OPERATORS, *_OF_WORKERS)

Row: TypeAlias = tuple[str, str, str]
"""Whose row it is, the signal or the column, and where it stands."""


def signals_of(server: Server) -> Iterator[Row]:
    """What is stated of the signals; what is not known states nothing."""
    if server.on_term is not OnTerm.UNKNOWN:
        yield server.name, "SIGTERM", "in general"
    for number, row in enumerate(server.stopping):
        if row.does is not OnTerm.UNKNOWN:
            yield from ((server.name, signal, f"exception {number}") for signal in row.signals)


def columns_of(server: Server) -> Iterator[Row]:
    """What is stated of the drain."""
    if may_finish(server):
        yield server.name, "a second SIGTERM", "cuts" if server.second_cuts is not None else "changes nothing"
    if server.second_cuts:
        yield server.name, "a second SIGTERM", "comes too soon"
    if server.drain:
        yield server.name, server.drain, "cuts what takes longer"
    if server.closes:
        yield server.name, "new connections", "in general"
    yield from ((server.name, "new connections", f"exception {number}") for number, _ in enumerate(server.closing))


def proved_by(proof: Proof) -> Iterator[Row]:
    """The rows that decide what is foretold of a proof."""
    settings = proof.timeline().process.settings
    assert settings is not None, proof.line
    server, course = settings.server, proof.predicted()
    signal = proof.timeline().process.shutdown.arriving_signal
    in_group = proof.timeline().process.delivery.group is not None
    rows = [(signal in row.signals and (in_group or not row.in_group), row.when) for row in server.stopping]
    yield server.name, signal, _first(rows, settings)
    if proof.again is not None:
        yield server.name, "a second SIGTERM", _second(server, proof)
    elif server.drain and course.fate in (Fate.CUT, Fate.RETURNED) and course.exits:
        yield server.name, server.drain, "cuts what takes longer"
    if course.connections and course.exits is not None:
        yield server.name, "new connections", _first([(True, row.when) for row in server.closing], settings)


def _second(server: Server, proof: Proof) -> str:
    if server.second_cuts is None:
        return "changes nothing"
    return "cuts" if is_cut_by_second(proof, proof.timeline().process) else "comes too soon"


def _first(rows: list[tuple[bool, stopping.Conditions]], settings: Settings) -> str:
    fitting = (number for number, (counts, when) in enumerate(rows) if counts and stopping._fits(when, settings)[0])
    return next((f"exception {number}" for number in fitting), "in general")


PROVED: Final = {row for proof in PROOFS for row in proved_by(proof)}
STATED: Final = dict.fromkeys(row for server in SERVERS for row in (*signals_of(server), *columns_of(server)))


@pytest.mark.parametrize("row", STATED, ids=": ".join)
def test_a_row_is_proved(row: Row) -> None:
    """A proof shows what it says; without one it has no place in the table."""
    assert row in PROVED, f"no proof in tests/servers is decided by {': '.join(row)}"


IN_FRONT: Final = {link.name for proof in PROOFS for link in proof.timeline().process.launch.links}


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: " ".join((*wrapper.names, *wrapper.subcommand)))
def test_a_wrapper_is_proved(wrapper: Wrapper) -> None:
    """A server is stopped behind it."""
    assert {*wrapper.names} & IN_FRONT


def test_a_proof_proves_a_server() -> None:
    """Each is of a server that has a table; a line that starts something else proves nothing."""
    names = {server.name for server in SERVERS}
    assert [proof.line for proof in PROOFS if proof.owner.rpartition(" ")[0] not in names] == []


def test_no_situation_is_proved_twice() -> None:
    """What is foretold and measured twice takes time for nothing."""
    ids = [proof.id for proof in PROOFS]
    assert sorted(set(ids)) == sorted(ids)


ALONE: Final = [
    proof
    for proof in PROOFS
    if proof.again is None and not proof.timeline().process.launch.links and proof.predicted().code is not None
]


@pytest.mark.parametrize("proof", ALONE, ids=lambda proof: proof.id)
def test_an_exit_code_is_proved(proof: Proof) -> None:
    """The real server is held to what the table says; a wrapper in front has a code of its own."""
    settings = proof.timeline().process.settings
    assert settings is not None, proof.line
    rows = [row for row in settings.server.stopping if proof.signal in row.signals and not row.in_group]
    decides = next((row for row in rows if stopping._fits(row.when, settings)[0]), None)

    assert (decides.code if decides else 0) == proof.code
