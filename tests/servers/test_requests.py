"""A server is stopped with a request in flight: what the product says of it is what happens."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import pytest

from tests.servers.contained import Contained
from tests.servers.proof import SHORT, Course, Fate, Proof
from tests.servers.requests_in_flight import REQUESTS
from tests.servers.slow_file import serve_slowly
from tests.servers.told_twice import REQUESTS_TWICE
from tests.servers.traffic import Knocking, Request, Session, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Compare = Callable[[Proof, Contained, Course], None]

pytestmark = pytest.mark.servers

_START: Final = 90.0
_PATIENCE: Final = 8.0
_NOTICED: Final = 1.5
"""Seconds after the signal in which any server has closed its socket; who comes before may still be let in."""


@pytest.mark.parametrize("proof", [*REQUESTS, *REQUESTS_TWICE], ids=lambda proof: proof.id)
def test_a_request_in_flight(proof: Proof, tmp_path: Path, compare: Compare) -> None:
    """The request ends or is cut, the server exits or stays, and new connections are let in or not."""
    port = free_port()
    proof.lay_out(tmp_path, port)
    with Contained(proof.argv(port), tmp_path, proof.environment) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        compare(proof, contained, _stopped(contained, proof, port))


def _stopped(contained: Contained, proof: Proof, port: int) -> Course:
    stated = proof.predicted()
    if proof.slow_file:
        serve_slowly(contained, f"hold/{proof.hold}", proof.hold)
    request = Session(proof.session, port, proof.hold) if proof.session else Request(port, f"/hold/{proof.hold}")
    contained.await_file("began")
    sent = contained.signal(proof.signal, proof.again)
    knocking = Knocking(port)
    with nullcontext() if proof.alone else knocking:
        if stated.exits is None:
            request.wait(proof.hold + _PATIENCE)
        contained.wait(SHORT if stated.exits is None else stated.exits + _PATIENCE)
        time.sleep(_NOTICED if stated.exits == 0.0 else 0)
    fate = Fate.DONE if request.wait(1) else Fate.CUT
    exits = contained.ended_at - sent if contained.ended_at else None
    last = time.monotonic() - 1 if exits is None else sent + min(exits, proof.hold, stated.exits or 0.0) - 0.2
    if stated.exits == 0.0:
        last = time.monotonic()  # it is gone before anybody can tell what it does to those who come
    connections = knocking.last_before(last) if stated.connections and last > sent + _NOTICED else None
    return Course(fate, exits, contained.exit_code, connections)
