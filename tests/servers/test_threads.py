"""A request that runs in a thread is cut at the limit, and the server lives on until the thread ends, or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.servers import SERVERS
from tests.servers.contained import Contained
from tests.servers.proof import Proof
from tests.servers.traffic import Request, answers, free_port

if TYPE_CHECKING:
    from pathlib import Path

_START: Final = 90.0
_HELD: Final = 6.0
_TOLERANCE: Final = 1.9

_UVICORN: Final = "uvicorn --port {port} --timeout-graceful-shutdown 2"
_HYPERCORN: Final = "hypercorn -b 127.0.0.1:{port} --graceful-timeout 2"
IN_THREADS: Final = [
    Proof(line=f"{command} {application}", hold=_HELD)
    for command, application in (
        (_UVICORN, "web:threaded"),
        (_UVICORN, "fast_threads:app"),
        (f"{_UVICORN} --workers 2", "web:threaded"),
        (f"{_UVICORN} --reload", "web:threaded"),
        (f"tini -- {_UVICORN}", "web:threaded"),
        (_HYPERCORN, "web:threaded"),
        (f"{_HYPERCORN} -w 0", "fast_threads:app"),
        ("granian --interface asgi --port {port} --workers-kill-timeout 2", "web:threaded"),
        ("gunicorn -k asgi --graceful-timeout 2 -b 127.0.0.1:{port}", "web:threaded"),
        ("gunicorn -k uvicorn_worker.UvicornWorker --graceful-timeout 2 -b 127.0.0.1:{port}", "fast_threads:app"),
    )
]

IN_OPERATORS: Final = {"kopf run"}
"""What test_operators.py tries, with an API server."""


def test_each_server_that_says_so_is_tried() -> None:
    """None is left out, neither where its threads outlive its limit nor where they do not."""
    stated = {server.name for server in SERVERS if server.outliving}
    tried = {
        proof.owner.rpartition(" ")[0]: proof
        for proof in IN_THREADS
        if proof.timeline().process.shutdown.threads_outlive
    }
    assert stated == {*tried, *IN_OPERATORS}


@pytest.mark.servers
@pytest.mark.parametrize("proof", IN_THREADS, ids=lambda proof: proof.line)
def test_a_request_in_a_thread(proof: Proof, tmp_path: Path) -> None:
    """The client sees it cut; the process ends with the thread where that is stated, else at the limit."""
    timeline, port = proof.timeline(), free_port()
    limit = timeline.stop.drained
    assert limit is not None
    stated = _HELD if timeline.process.shutdown.threads_outlive else limit
    with Contained(proof.argv(port), tmp_path, proof.environment) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        request = Request(port, f"/hold/{_HELD}")
        contained.await_file("began")
        sent = contained.signal(proof.signal)
        contained.wait(_HELD + 3 * _TOLERANCE)

        assert not request.wait(1), contained.obituary("let the request end")
        assert contained.ended_at is not None, contained.obituary("goes on")
        assert stated == pytest.approx(contained.ended_at - sent, abs=_TOLERANCE)
