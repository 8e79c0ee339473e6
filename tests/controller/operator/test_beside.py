"""Work beside the event loop takes turns."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from contextvars import ContextVar
from pathlib import Path

import pytest

from gracekeeper.operator.beside import Beside
from gracekeeper.operator.spare_memory import give_back

BOUND: ContextVar[str] = ContextVar("BOUND")


def test_the_loop_goes_on_and_the_context_comes_along() -> None:
    """A log line from there bears the id of its review."""

    async def scenario() -> tuple[str, bool]:
        BOUND.set("705ab4f5")
        return await Beside()(lambda: (BOUND.get(), threading.current_thread() is threading.main_thread()))

    assert ("705ab4f5", False) == asyncio.run(scenario())


def test_one_piece_of_work_at_a_time() -> None:
    """Two large reviews in memory at once are one too many."""
    at_once, most = 0, 0

    def work() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.02)
        at_once -= 1

    async def scenario() -> None:
        beside = Beside()
        await asyncio.gather(*(beside(work) for _ in range(5)))

    asyncio.run(scenario())
    assert 1 == most


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    """A review that timed out in the queue costs nothing further; one that runs is not joined by the next."""
    done: list[str] = []

    def work(name: str, seconds: float) -> None:
        time.sleep(seconds)
        done.append(name)

    async def scenario() -> None:
        beside = Beside()
        begun = asyncio.create_task(beside(lambda: work("begun", 0.2)))
        await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(beside(lambda: work("given up", 0)), 0.05)
        await beside(lambda: work("next", 0))
        await begun

    asyncio.run(scenario())
    assert ["begun", "next"] == done


def test_memory_is_given_back_after_each_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the loop as well, and not before the outcome is out."""
    given: list[str] = []
    told = threading.Event()

    def give_back() -> None:
        given.append("back")
        told.set()

    monkeypatch.setattr("gracekeeper.operator.beside.give_back", give_back)

    async def scenario() -> str:
        return await Beside()(lambda: "done")

    assert "done" == asyncio.run(scenario())
    assert told.wait(5)
    assert ["back"] == given


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how much memory is resident, and only Linux has it")
def test_large_things_do_not_stay() -> None:
    """Cycles are collected, and their pages leave the process."""
    give_back()
    before = resident_mib()
    cycles: list[object] = []
    cycles.append([cycles, [str(number) * 20 for number in range(400_000)]])
    assert resident_mib() > before + 40
    del cycles

    give_back()

    assert resident_mib() < before + 20


def resident_mib() -> float:
    """The memory that this process takes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
