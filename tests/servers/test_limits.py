"""What one request or task may take, how many requests are served at once, and what two schedulers send."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.provenance import Unknown
from tests.servers.broker import Broker
from tests.servers.contained import Contained, ordinary
from tests.servers.limits import AT_ONCE, CLOCKS, REQUESTS_LIMITED, TASKS_LIMITED
from tests.servers.tasks_in_flight import CELERY
from tests.servers.traffic import Request, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gracekeeper_policies.process.requests import Requests
    from tests.servers.limits import Clock
    from tests.servers.proof import Proof

pytestmark = pytest.mark.servers

_START: Final = 90.0
_MORE: Final = 2
_SHARED_OUT: Final = 3.0
"""Seconds in which requests go on coming: the kernel does not hand them to workers in turn."""
_LONG: Final = 6.0
_CUT_OFF: Final = 5.0


def _requests(proof: Proof) -> Requests:
    requests = proof.timeline().process.requests
    assert requests is not None, proof.line
    return requests


@pytest.mark.parametrize("proof", AT_ONCE, ids=lambda proof: proof.line)
def test_so_many_requests_are_served_at_once(
    proof: Proof, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Of more that come at the same time, the others wait."""
    port = free_port()
    stated = _requests(proof).at_once
    assert stated is not None, proof.line
    with Contained(proof.argv(port), tmp_path, {}) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        seen = _begun(tmp_path, port, stated)
        record_property("fact", [proof.owner, proof.line, f"{stated} requests at once", f"{seen} requests at once"])
        assert stated == seen, contained.obituary("did otherwise")


def _begun(folder: Path, port: int, stated: int) -> int:
    """How many have begun, once so many have come that each worker has got its share, and a few more."""
    deadline = time.monotonic() + _SHARED_OUT
    while _words(folder) < stated and time.monotonic() < deadline:
        Request(port, "/wait")
        time.sleep(0.1)
    _ = [Request(port, "/wait") for _ in range(_MORE)]
    time.sleep(1)
    return _words(folder)


def _words(folder: Path) -> int:
    return len([*folder.glob("began-*")])


@pytest.mark.parametrize("proof", REQUESTS_LIMITED, ids=lambda proof: proof.line)
def test_a_request_is_limited(proof: Proof, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The server cuts it off, or its workers are none that obey the option."""
    port, limit = free_port(), _requests(proof).limit
    stated = limit is not None and limit.value < _LONG
    with Contained(proof.argv(port), tmp_path, {}) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        seen = not Request(port, f"/hold/{_LONG}").wait(_LONG + 2)
        words = {True: f"a request of {_LONG:g} s is cut", False: f"a request of {_LONG:g} s ends"}
        record_property("fact", [proof.owner, proof.line, words[stated], words[seen]])
        assert stated is seen, contained.obituary("did otherwise")


@pytest.mark.parametrize("proof", TASKS_LIMITED, ids=lambda proof: proof.line)
def test_a_task_is_limited(proof: Proof, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The worker ends it and takes the next one, or its workers are threads, which nothing ends."""
    limit = proof.timeline().process.task_limit
    assert limit is not None
    assert not isinstance(limit.seconds, Unknown)
    stated = limit.seconds.value is not None and limit.seconds.value < _CUT_OFF
    with Broker(tmp_path) as broker:
        environment = {"BROKER": str(broker.socket)}
        with Contained(proof.argv(broker=str(broker.socket)), tmp_path, environment) as contained:
            _send(tmp_path, environment, 0)
            contained.await_file("done")
            contained.forget("began", "done")
            _send(tmp_path, environment, 60)
            contained.await_file("began")
            _send(tmp_path, environment, 0)
            time.sleep(_CUT_OFF)
            seen = contained.wrote("done")
            words = {True: "a task of 60 s is ended", False: "a task of 60 s goes on"}
            record_property("fact", [proof.owner, proof.line, words[stated], words[seen]])
            assert stated is seen, contained.obituary("did otherwise")


def _send(folder: Path, environment: dict[str, str], seconds: float) -> None:
    text = f"from {CELERY.module} import send; send({seconds})"
    subprocess.run([sys.executable, "-c", text], env=ordinary(folder) | environment, check=True)


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: clock.proof.line)
def test_two_schedulers_send_each_task_twice(
    clock: Clock, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Neither knows of the other; one that its switch keeps from starting sends nothing."""
    stated = len(clock.proof.timeline().process.schedulers) * 2
    with Broker(tmp_path) as broker, ExitStack() as stack:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            environment = {"BROKER": str(broker.socket)}
            stack.enter_context(Contained(clock.proof.argv(), tmp_path / name, environment))
        seen = clock.senders(broker)
        record_property("fact", [clock.proof.owner, clock.proof.line, f"{stated} send", f"{seen} send"])
        assert stated == seen
