"""A stop signal that another thread than the main one takes: who misses it now and then, and who never does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.servers import SERVERS
from tests.servers.contained import Contained
from tests.servers.proof import Proof
from tests.servers.traffic import Request, answers, free_port

if TYPE_CHECKING:
    from pathlib import Path

_START: Final = 90.0
_SPIN: Final = 1.0
_LIMIT: Final = 4
"""Seconds after which granian kills a worker that has missed the signal."""
_TRIES: Final = 25
"""About one of three goes unnoticed; so many noticed ones in a row come once in ten thousand times."""
_FEW: Final = 5

_GRANIAN: Final = f"granian --port {{port}} --workers-kill-timeout {_LIMIT}"
MISSING: Final = [Proof(line=f"{_GRANIAN} --interface wsgi spinning:wsgi")]
HEARING: Final = [
    Proof(line=line)
    for line in (
        f"{_GRANIAN} --interface asgi spinning:asgi",
        "gunicorn -b 127.0.0.1:{port} spinning:wsgi",
        "gunicorn --threads 4 -b 127.0.0.1:{port} spinning:wsgi",
        "uvicorn --port {port} spinning:asgi",
        "hypercorn -b 127.0.0.1:{port} wsgi:spinning:wsgi",
    )
]


def test_each_server_that_says_so_is_tried() -> None:
    """What is stated to miss signals is tried, and what is tried beside it is stated to hear them."""
    assert {server.name for server in SERVERS if server.misses} == {"granian"}
    assert all(proof.timeline().process.shutdown.missed_while for proof in MISSING)
    assert not any(proof.timeline().process.shutdown.missed_while for proof in HEARING)


@pytest.mark.servers
@pytest.mark.parametrize("proof", MISSING, ids=lambda proof: proof.line)
def test_a_signal_is_missed_now_and_then(proof: Proof, tmp_path: Path) -> None:
    """Then it goes on, although its request has ended, until its limit ends it."""
    took = [_LIMIT - _SPIN]
    while len(took) <= _TRIES and took[-1] < _LIMIT:
        took.append(_stopped(proof, tmp_path / str(len(took))))

    assert took[-1] == pytest.approx(_LIMIT, abs=1), f"it heard each of {_TRIES} signals: {took}"


@pytest.mark.servers
@pytest.mark.parametrize("proof", HEARING, ids=lambda proof: proof.line)
def test_others_hear_it(proof: Proof, tmp_path: Path) -> None:
    """They have a look by the clock, or are woken by a pipe that any thread may write to."""
    took = [_stopped(proof, tmp_path / str(number)) for number in range(_FEW)]
    assert max(took) < _LIMIT


def _stopped(proof: Proof, folder: Path) -> float:
    """Seconds from the signal to its end."""
    folder.mkdir()
    port = free_port()
    with Contained(proof.argv(port), folder, proof.environment) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        request = Request(port, f"/spin/{_SPIN}")
        contained.await_file("began")
        time.sleep(_SPIN / 4)
        sent = contained.signal(proof.signal)
        assert contained.wait(_LIMIT * 3), contained.obituary("goes on")
        assert request.wait(1), contained.obituary("cut the request")
        return (contained.ended_at or sent) - sent
