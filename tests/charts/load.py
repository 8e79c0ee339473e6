"""Reviews at a steady rate, whatever happens meanwhile."""

from __future__ import annotations

import time
from itertools import count
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

RATE: Final = 50
"""Reviews a second."""

_CLIENTS: Final = 16


class Load:
    """Asks again and again while the block runs: each time when it is time, however long an answer takes.

    `told` are the answers so far.
    """

    def __init__(self, ask: Callable[[], int]) -> None:
        """Nothing is asked yet."""
        self.told: Final[list[int]] = []
        self._ask = ask
        self._numbers = count()
        self._stop = Event()
        self._clients = [Thread(target=self._keep_asking) for _ in range(_CLIENTS)]

    def __enter__(self) -> Self:
        """Begin."""
        self._began = time.monotonic()
        for each in self._clients:
            each.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End, and wait for the last answers."""
        self._stop.set()
        for each in self._clients:
            each.join()

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return time.monotonic() - self._began

    def during(self, action: Callable[[], object]) -> list[int]:
        """Do something, and give what was answered meanwhile."""
        before = len(self.told)
        action()
        return self.told[before:]

    def until(self, seconds: float) -> None:
        """Go on until so many seconds are over and all is asked that had to be asked in them."""
        self._stop.wait(self._began + seconds - time.monotonic())
        while len(self.told) < int(seconds * RATE):
            time.sleep(0.05)

    def _keep_asking(self) -> None:
        while not self._stop.wait(max(0, self._began + next(self._numbers) / RATE - time.monotonic())):
            self.told.append(self._ask())
