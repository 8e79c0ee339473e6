"""What sends tasks by the clock has nothing in hand when it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.contained import Contained
from tests.servers.proof import Course, Fate, Proof
from tests.servers.schedulers import SCHEDULERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Compare = Callable[[Proof, Contained, Course], None]

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("proof", SCHEDULERS, ids=lambda proof: proof.id)
def test_a_scheduler_ends_at_once(proof: Proof, tmp_path: Path, compare: Compare) -> None:
    """There is nothing to wait for, and nothing is lost."""
    with Contained(proof.argv(), tmp_path, {"BROKER": str(tmp_path / "nowhere"), **proof.environment}) as contained:
        contained.ready(lambda: "is starting" in contained.log.read_text(), 60)
        contained.settle()
        sent = contained.signal(proof.signal)
        contained.wait(10)
        exits = contained.ended_at - sent if contained.ended_at else None
        compare(proof, contained, Course(Fate.NOTHING, exits, contained.exit_code))
