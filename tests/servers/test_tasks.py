"""A worker is stopped with a task in its hands: what the product says of it is what happens."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.servers.broker import Broker
from tests.servers.contained import Contained, ordinary
from tests.servers.proof import SHORT, Course, Fate, Proof
from tests.servers.tasks_in_flight import TASKS, Worker
from tests.servers.told_twice import TASKS_TWICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Compare = Callable[[Proof, Contained, Course], None]

pytestmark = pytest.mark.servers

_PATIENCE: Final = 8.0


@pytest.mark.parametrize(
    ("worker", "proof"),
    [
        pytest.param(worker, proof, id=proof.id)
        for tasks in (TASKS, TASKS_TWICE)
        for worker, proofs in tasks.items()
        for proof in proofs
    ],
)
def test_a_task_in_flight(worker: Worker, proof: Proof, tmp_path: Path, compare: Compare) -> None:
    """The task ends, or is lost, or goes back to the queue; the worker exits or stays."""
    proof.lay_out(tmp_path)
    with Broker(tmp_path) as broker:
        environment = {"BROKER": str(broker.socket), **proof.environment}
        with (
            Contained(proof.argv(broker=str(broker.socket)), tmp_path, environment) as contained,
            _sender(worker, proof, ordinary(tmp_path) | environment) as send,
        ):
            _put_in_flight(contained, proof, send)
            compare(proof, contained, _stopped(contained, proof, broker, worker.queue))


def _put_in_flight(contained: Contained, proof: Proof, send: Callable[[], None]) -> None:
    contained.await_file("done")
    contained.settle()
    contained.forget("began", "done")
    send()
    contained.await_file("began")
    if proof.hold > SHORT:
        contained.settle()  # celery hangs now and then where the signal comes while it still notes the task


@contextmanager
def _sender(worker: Worker, proof: Proof, environment: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    # It sends a task that ends at once, for the worker to show that it is up, and the one that counts when told to.
    text = f"from {worker.module} import send; send(0); input(); send({proof.hold})"
    with subprocess.Popen([sys.executable, "-c", text], env=environment, stdin=subprocess.PIPE) as sender:
        yield lambda: _tell(sender)
        sender.kill()


def _tell(sender: subprocess.Popen[bytes]) -> None:
    # Nobody waits for it to end: by then the task may be over.
    assert sender.stdin is not None
    sender.stdin.write(b"\n")
    sender.stdin.flush()


def _stopped(contained: Contained, proof: Proof, broker: Broker, queue: str) -> Course:
    stated = proof.predicted()
    sent = contained.signal(proof.signal, proof.again)
    contained.wait(proof.hold + SHORT if stated.exits is None else stated.exits + _PATIENCE)
    fate = Fate.DONE if contained.wrote("done") else Fate.RETURNED if broker.holds(queue) else Fate.CUT
    exits = contained.ended_at - sent if contained.ended_at else None
    return Course(fate, exits, contained.exit_code)
