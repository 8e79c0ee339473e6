"""Shares work out among processes, with the same outcome as in one.

The processes are forked when the work begins, so that nothing has to be sent to them; what they send back names the
objects that both sides know by where they lie in memory.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from gracekeeper_policies.watching import Watch, unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

_SLICE: Final = 50  # items: enough to be worth a message, few enough to end together
_ALONE: Final = 2  # slices that the first process does first: what they import, compile and remember is there for all
_WORTH_WHILE: Final = 0.12  # seconds of work: to share less takes longer than to do it


@dataclass(frozen=True)
class Jobs:
    """How many processes share work: as many as `asked`, else as there are processors, once it is worth it."""

    asked: int | None = 1
    watch: Watch = unwatched
    clock: Callable[[], float] = time.perf_counter

    def share(
        self, do: Callable[[Sequence[T]], R], items: Sequence[T], doing: str, known: Iterable[object] = ()
    ) -> Iterator[R]:
        """Do something with slices of the items; gives the outcomes in the items' order.

        `do` may run in another process: what it changes is lost there, and its outcome is pickled. `known` are objects
        that an outcome may refer to and that stay the same ones.

        Raises:
            RuntimeError: a process came to an end by itself; whatever `do` raises is raised here too.
        """
        gc.freeze()  # what is there stays to the end: nobody need look through it for what may go
        starts = range(0, len(items), _SLICE)
        watched = iter(self.watch(starts, doing))
        for number, start in enumerate(watched, 1):
            began = self.clock()
            yield do(items[start : start + _SLICE])
            processes = self.processes((len(starts) - number), self.clock() - began)
            if number >= _ALONE and processes > 1:
                shared = _Shared(do, items[number * _SLICE :], {id(each): each for each in known})
                yield from shared.outcomes(watched, processes)

    def processes(self, slices: int, seconds: float) -> int:
        """How many processes share so many slices, each of which takes so many seconds."""
        if self.asked is None and seconds * slices < _WORTH_WHILE:
            return 1
        return min(self.asked or _processors(), slices) if _forks() else 1


ALONE: Final = Jobs()
"""One process."""


def _forks() -> bool:
    # On macOS a forked process may not use what the system's own libraries started.
    return hasattr(os, "fork") and sys.platform != "darwin"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class _Shared(Generic[T, R]):
    """Work that several processes do: each every n-th slice."""

    do: Callable[[Sequence[T]], R]
    items: Sequence[T]
    known: Mapping[int, object] = field(repr=False)

    def outcomes(self, starts: Iterable[int], processes: int) -> Iterator[R]:
        # Imported where there is much to do: it takes longer than to judge a few workloads.
        from multiprocessing import get_context  # noqa: PLC0415

        fork, workers, receivers = get_context("fork"), [], []
        try:
            for number in range(processes):
                # The other processes have to lack the sender: else nobody notices when this one ends too early.
                receiver, sender = fork.Pipe(duplex=False)
                workers.append(fork.Process(target=self._work, args=(number, processes, sender), daemon=True))
                workers[-1].start()
                sender.close()
                receivers.append(receiver)
            for number, _ in enumerate(starts):
                yield self._outcome(receivers[number % processes])
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()

    def _work(self, first: int, step: int, sender: Connection) -> None:
        try:
            for start in range(first * _SLICE, len(self.items), step * _SLICE):
                sender.send_bytes(self._write(self.do(self.items[start : start + _SLICE])))
        except KeyboardInterrupt:
            return  # the first process was interrupted too, and says so
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised in the first process
            sender.send_bytes(_write_error(error))

    def _write(self, outcome: R) -> bytes:
        stream = io.BytesIO()
        writer = _Writer(stream, self.known) if self.known else pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
        writer.dump(outcome)
        return stream.getvalue()

    def _outcome(self, receiver: Connection) -> R:
        try:
            outcome: Any = _Reader(io.BytesIO(receiver.recv_bytes()), self.known).load()
        except EOFError:
            raise RuntimeError("a process came to an end before its work was done") from None
        if isinstance(outcome, _Failure):
            raise outcome.error
        shared: R = outcome
        return shared


@dataclass(frozen=True)
class _Failure:
    """What was raised in another process."""

    error: Exception


def _write_error(error: Exception) -> bytes:
    try:
        return pickle.dumps(_Failure(error))
    except Exception:  # noqa: BLE001 - an exception may hold anything
        return pickle.dumps(_Failure(RuntimeError(type(error).__name__)))


class _Writer(pickle.Pickler):
    """Writes an object that the reader has as the place where it lies."""

    def __init__(self, stream: io.BytesIO, known: Mapping[int, object]) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._known = known

    def persistent_id(self, obj: object) -> int | None:
        """Where an object lies that the reader has."""
        place = id(obj)
        return place if place in self._known and self._known[place] is obj else None


class _Reader(pickle.Unpickler):
    """Reads what `_Writer` wrote in a process that was forked from this one."""

    def __init__(self, stream: io.BytesIO, known: Mapping[int, object]) -> None:
        super().__init__(stream)
        self._known = known

    def persistent_load(self, pid: int) -> object:
        """The object that lies there."""
        return self._known[pid]
