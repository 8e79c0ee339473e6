"""Work that would hold up the event loop: done beside it, one piece at a time.

A second thread would make neither piece faster, and what each of them reads takes memory. Whoever gives up waiting
takes along what has not begun; what has begun ends before the next one begins.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from gracekeeper.operator.spare_memory import give_back

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Beside:
    """One thread, which starts with the first piece of work."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="beside")

    async def __call__(self, work: Callable[[], T]) -> T:
        """What `work` gives, in its turn, with the context variables of now."""
        context = contextvars.copy_context()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, _uncollected, work)
        finally:
            # What was learned serves no other piece, and a few dozen like it would fill a replica's memory.
            self._thread.submit(give_back)


def _uncollected(work: Callable[[], T]) -> T:
    # While something large grows, each collection would walk through it once more; `give_back` collects again.
    gc.disable()
    return work()
