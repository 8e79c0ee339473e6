"""A server starts on a read-only file system, or it does not, as its table says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.servers.contained import Contained
from tests.servers.read_only import READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.read_only import ReadOnly

pytestmark = pytest.mark.servers

_SEAL: Final = """mount -t tmpfs shared /dev/shm && for each in $(cut -d' ' -f2 /proc/self/mounts); do
case $each in /proc*|/sys*|/dev|/dev/*) ;; *) mount -o remount,bind,ro "$each" ;; esac; done;
! touch sealed 2>/dev/null"""
_PATIENCE: Final = 15.0
_STAYS: Final = 1.5


@pytest.mark.parametrize("start", READ_ONLY, ids=lambda start: start.id)
def test_it_starts_where_it_can_write(
    start: ReadOnly, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Only shared memory is writable; who finds no folder there for what it writes gives up."""
    with Contained(start.proof.argv(), tmp_path, {"BROKER": "/nowhere", **start.environment}, setup=_SEAL) as contained:
        deadline = time.monotonic() + _PATIENCE
        while contained.running and not _is_up(start, contained) and time.monotonic() < deadline:
            time.sleep(0.05)
        contained.wait(_STAYS)
        seen = not (contained.running and _is_up(start, contained))
        words = {True: "does not start", False: "starts"}
        record_property("fact", [start.proof.owner, f"read-only: {start.id}", words[start.lacks], words[seen]])
        assert start.lacks is seen, contained.obituary("did otherwise")


def _is_up(start: ReadOnly, contained: Contained) -> bool:
    return start.logs in contained.log.read_text() if start.logs else bool(contained.listens())
