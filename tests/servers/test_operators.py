"""An operator is stopped while a handler runs: it ends, or is cancelled and called again by the next operator."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.servers.kopf import SERVER as KOPF
from tests.cluster.control_plane import running
from tests.servers.contained import Contained
from tests.servers.operators import OPERATORS
from tests.servers.proof import SHORT, Course, Fate, Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cluster.control_plane import ControlPlane

    Compare = Callable[[Proof, Contained, Course], None]

# All in one process, which starts the one API server that they share.
pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("operators")]

_HELD: Final = 6.0
_TOLERANCE: Final = 1.9
_PATIENCE: Final = 8.0
_NAMES: Final = (f"work-{number}" for number in count(1))


@pytest.fixture(scope="module")
def kubernetes(cluster_programs: None) -> Iterator[ControlPlane]:  # noqa: ARG001
    """An API server of their own, which nobody else asks for anything."""
    with running() as control_plane:
        yield control_plane


@contextmanager
def handling(kubernetes: ControlPlane, proof: Proof, folder: Path, name: str) -> Iterator[Contained]:
    """The operator, once its handler for the object of that name has begun."""
    environment = {"KUBECONFIG": str(kubernetes.kubeconfig), "WORK": name}
    with Contained(proof.argv(), folder, environment) as contained:
        contained.await_file("began")
        yield contained


def _make(kubernetes: ControlPlane, name: str, seconds: float, where: str) -> None:
    metadata = {"name": name, "namespace": "default", "labels": {"work": name, "in": where}}
    data = {"seconds": str(seconds)}
    _ = kubernetes.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}).object()


def _is_called_again(kubernetes: ControlPlane, folder: Path, name: str) -> bool:
    (folder / "began").unlink()
    with handling(kubernetes, OPERATORS[0], folder, name) as contained:
        return contained.wrote("began")


@pytest.mark.parametrize("proof", OPERATORS, ids=lambda proof: proof.id)
def test_a_handler_in_flight(proof: Proof, kubernetes: ControlPlane, tmp_path: Path, compare: Compare) -> None:
    """It ends if it is quick; else who comes next calls it from the start."""
    name, stated = next(_NAMES), proof.predicted()
    _make(kubernetes, name, proof.hold, "the-loop")
    with handling(kubernetes, proof, tmp_path, name) as contained:
        sent = contained.signal(proof.signal, proof.again)
        contained.wait(proof.hold + SHORT if stated.exits is None else stated.exits + _PATIENCE)
        exits = contained.ended_at - sent if contained.ended_at else None
        code = contained.exit_code
        done = contained.wrote("done")
        fate = Fate.DONE if done else Fate.RETURNED if _is_called_again(kubernetes, tmp_path, name) else Fate.CUT
        compare(proof, contained, Course(fate, exits, code))


def test_a_handler_in_a_thread(kubernetes: ControlPlane, tmp_path: Path) -> None:
    """It runs to its end, past the limit, and is called once more all the same."""
    name, proof = next(_NAMES), OPERATORS[0]
    limit = proof.timeline().stop.drained
    assert limit is not None
    assert limit < _HELD
    assert proof.timeline().process.shutdown.threads_outlive
    _make(kubernetes, name, _HELD, "a-thread")
    with handling(kubernetes, proof, tmp_path, name) as contained:
        sent = contained.signal(proof.signal)
        contained.wait(_HELD + 3 * _TOLERANCE)
        assert contained.ended_at is not None, contained.obituary("goes on")
        assert contained.ended_at - sent == pytest.approx(_HELD, abs=_TOLERANCE)
        assert contained.wrote("done")
    assert _is_called_again(kubernetes, tmp_path, name)


def test_two_operators_both_call_their_handlers(kubernetes: ControlPlane, tmp_path: Path) -> None:
    """Where no KopfPeering is, with `--standalone` or without: neither knows of the other."""
    name = next(_NAMES)
    environment = {"KUBECONFIG": str(kubernetes.kubeconfig), "WORK": name}
    argv = OPERATORS[0].argv()
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    with (
        Contained(argv, folders[0], environment) as one,
        Contained([word for word in argv if word != "--standalone"], folders[1], environment) as other,
    ):
        one.settle()
        other.settle()
        _make(kubernetes, name, _HELD, "the-loop")
        one.await_file("began")
        other.await_file("began")
    assert KOPF.alone.startswith("each of two calls its handlers")
