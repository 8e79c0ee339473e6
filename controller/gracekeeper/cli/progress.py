"""A bar on a terminal's standard error, for work that takes longer than a second; it is gone when the work is done."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

T = TypeVar("T")

_PATIENCE: Final = 1.0  # seconds without a bar
_PAUSE: Final = 0.1  # seconds between two looks of the bar
_ERASE: Final = "\x1b[1A\r\x1b[2K"  # one line up, and empty it


@dataclass(frozen=True)
class Progress:
    """Shows how far the work is that began when this was made; on what is no terminal it shows nothing."""

    stream: TextIO
    began: float = field(default_factory=time.monotonic)

    def watch(self, items: Sequence[T], doing: str) -> Iterable[T]:
        """Watch a part of the work, item by item."""
        return self._watched(items, doing) if self._wanted else items

    @property
    def _wanted(self) -> bool:
        """A log of a pipeline may be a terminal too, but nobody watches it."""
        return self.stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"

    def _watched(self, items: Sequence[T], doing: str) -> Iterator[T]:
        done = 0
        for item in items:
            if time.monotonic() > self.began + _PATIENCE:
                break
            yield item
            done += 1
        if done < len(items):
            yield from self._shown(items, done, doing)

    def _shown(self, items: Sequence[T], done: int, doing: str) -> Iterator[T]:
        import click  # noqa: PLC0415 - what click draws bars with is imported when the first one is drawn

        with click.progressbar(length=len(items), label=doing, show_pos=True, show_eta=False, file=self.stream) as bar:
            drawn, due = 0, 0.0
            for number in range(done, len(items)):
                if time.monotonic() > due:
                    bar.update(number - drawn)
                    drawn, due = number, time.monotonic() + _PAUSE
                yield items[number]
        self.stream.write(_ERASE)
        self.stream.flush()
