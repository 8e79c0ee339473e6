"""A connection that a client keeps open for later, with no request in it, does not hold up a server's end."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.servers import SERVERS
from tests.servers.contained import Contained
from tests.servers.proof import SHORT, effect
from tests.servers.requests_in_flight import AIOHTTP, GUNICORN, OTHERS, UVICORN, UWSGI
from tests.servers.traffic import answers, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.proof import Proof

_START: Final = 90.0
_SOON: Final = 8.0
"""Seconds in which it is gone, on a busy machine too; gunicorn's gevent waits until its 2 s of keep-alive are over."""


def _frees_idle(proof: Proof) -> bool:
    process = proof.timeline().process
    finishes = effect(process) is OnTerm.FINISHES and proof.signal == "SIGTERM" and proof.hold == SHORT
    return bool(process.server and process.server.frees_idle and finishes)


FREEING: Final = [proof for proof in (*AIOHTTP, *GUNICORN, *UVICORN, *OTHERS, *UWSGI) if _frees_idle(proof)]


def test_each_server_that_says_so_is_tried() -> None:
    """None is left out."""
    stated = {server.name for server in SERVERS if server.frees_idle}
    assert stated == {proof.owner.rpartition(" ")[0] for proof in FREEING}


@pytest.mark.servers
@pytest.mark.parametrize("proof", FREEING, ids=lambda proof: proof.line)
def test_an_idle_connection_does_not_hold_it_up(proof: Proof, tmp_path: Path) -> None:
    """Kept alive behind an answered request, it is closed, and the server exits soon."""
    port = free_port()
    with Contained(proof.argv(port), tmp_path, proof.environment) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_SOON)) as client:
            client.request("GET", "/", headers={"Connection": "keep-alive"})
            with client.getresponse() as response:
                assert b"ok" in response.read()
            sent = contained.signal(proof.signal)
            contained.wait(_SOON)

        assert contained.ended_at, "it goes on"
        assert contained.ended_at - sent < _SOON
        assert contained.exit_code == proof.code
