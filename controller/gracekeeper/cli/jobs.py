"""Hears workloads in several processes, with the same outcome as in one.

The processes are forked when everything is read, so that nothing has to be sent to them; what they send back names the
objects that both sides know by where they lie in memory.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.document import Document
    from gracekeeper_policies.hearing import Heard
    from gracekeeper_policies.judge import Judging, Notes
    from gracekeeper_policies.watching import Watch

_SLICE: Final = 100  # workloads: enough to be worth a message, few enough to end together
_WORTH_A_PROCESS: Final = 200  # workloads


def chosen(jobs: int | None, workloads: int) -> int:
    """How many processes to use: as many as are asked for, else as there are processors and work is worth it."""
    if not _forks():
        return 1
    return min(jobs or min(_processors(), workloads // _WORTH_A_PROCESS), -(-workloads // _SLICE)) or 1


def _forks() -> bool:
    # On macOS a forked process may not use what the system's own libraries started.
    return hasattr(os, "fork") and sys.platform != "darwin"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hear(
    judging: Judging, workloads: Sequence[Document], known: Iterable[object], jobs: int, watch: Watch
) -> Iterator[Heard]:
    """Hear the workloads in their order; `known` are objects that what is heard may refer to."""
    gc.freeze()  # all that was read stays to the end: nobody need look through it for what may go
    if jobs == 1:
        yield from map(judging.hear, watch(workloads, "Judging"))
    else:
        table = {id(each): each for each in (judging, *workloads, *known)}
        yield from _in_processes(_Work(judging, workloads, table), jobs, watch)


def _in_processes(work: _Work, jobs: int, watch: Watch) -> Iterator[Heard]:
    # Imported where there is much to do: it takes longer than to judge a few workloads.
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    starts = range(0, len(work.workloads), _SLICE)
    with ProcessPoolExecutor(jobs, get_context("fork"), _begin, (work,)) as pool:
        answers = pool.map(_answer, starts)
        for _ in watch(starts, "Judging"):
            heard, notes = work.read(next(answers))
            work.judging.take_notes(notes)
            yield from heard


@dataclass(frozen=True)
class _Work:
    """What all processes know."""

    judging: Judging
    workloads: Sequence[Document]
    table: Mapping[int, object]

    current: ClassVar[list[_Work]] = []
    """In a process that was forked, its work."""

    def write(self, content: object) -> bytes:
        """Write what came of a part of it."""
        stream = io.BytesIO()
        _Writer(stream, self.table).dump(content)
        return stream.getvalue()

    def read(self, content: bytes) -> tuple[list[Heard], Notes]:
        """Read what `write` wrote."""
        heard: tuple[list[Heard], Notes] = _Reader(io.BytesIO(content), self.table).load()
        return heard


def _begin(work: _Work) -> None:
    _Work.current[:] = [work]


def _answer(start: int) -> bytes:
    (work,) = _Work.current
    heard = [work.judging.hear(document) for document in work.workloads[start : start + _SLICE]]
    return work.write((heard, work.judging.notes()))


class _Writer(pickle.Pickler):
    """Writes an object that the reader has as the place where it lies."""

    def __init__(self, stream: io.BytesIO, table: Mapping[int, object]) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._table = table

    def persistent_id(self, obj: object) -> int | None:
        """Where an object lies that the reader has."""
        return id(obj) if id(obj) in self._table and self._table[id(obj)] is obj else None


class _Reader(pickle.Unpickler):
    """Reads what `_Writer` wrote in a process that was forked from this one."""

    def __init__(self, stream: io.BytesIO, table: Mapping[int, object]) -> None:
        super().__init__(stream)
        self._table = table

    def persistent_load(self, pid: int) -> object:
        """The object that lies there."""
        return self._table[pid]
