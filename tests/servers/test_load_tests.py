"""A load test without its web interface goes at once, with whatever its users do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.contained import Contained
from tests.servers.load_tests import LOAD_TESTS
from tests.servers.proof import Course, Fate, Proof

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Compare = Callable[[Proof, Contained, Course], None]

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("proof", LOAD_TESTS, ids=lambda proof: proof.id)
def test_a_load_test_in_flight(proof: Proof, tmp_path: Path, compare: Compare) -> None:
    """What a user does is cut."""
    with Contained(proof.argv(), tmp_path, proof.environment) as contained:
        contained.await_file("busy")
        contained.settle()
        sent = contained.signal(proof.signal)
        contained.wait(10)
        exits = contained.ended_at - sent if contained.ended_at else None
        fate = Fate.DONE if contained.wrote("done") else Fate.CUT
        compare(proof, contained, Course(fate, exits, contained.exit_code))
