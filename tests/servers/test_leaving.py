"""A wrapper that leaves: the container ends with it, whatever it has started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.wrappers import Passing, unwrap
from gracekeeper_policies.provenance import Word
from tests.servers.contained import Contained
from tests.servers.traffic import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.servers


def test_setsid_ends_at_once_as_the_first_process(tmp_path: Path) -> None:
    """It leads a process group there, so it forks, and does not wait unless told to."""
    line = ["setsid", "uvicorn", "--port", str(free_port()), "web:asgi"]
    wrapped = unwrap(tuple(map(Word, line)))
    assert wrapped is not None
    assert wrapped.passing is Passing.LEAVES

    with Contained(line, tmp_path, {}) as contained:
        contained.wait(10)
        assert contained.exit_code == 0
