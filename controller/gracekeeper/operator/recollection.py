"""What was answered before, for who asks the same again.

Argo CD and Flux try everything that they deploy by dry run, every few minutes, and so does a pipeline: the same object
comes again and again, and only what the API server writes into its metadata differs. An answer holds as long as the
judge who gave it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from gracekeeper.operator.judges import Judge
    from gracekeeper.operator.review import Answer, Review

MOST: Final = 1024
"""Answers that are kept: of those asked for last, a few hundred bytes to 2 KiB each."""


class Answered(Struct, frozen=True):
    """An answer, and each finding that was counted with it: its rule and its mode."""

    answer: Answer
    found: tuple[tuple[str, str], ...] = ()


class Recollection:
    """Remembers answers, those asked for last."""

    def __init__(self, most: int = MOST) -> None:
        """Nothing was answered yet."""
        self._most = most
        self._kept: OrderedDict[bytes, tuple[int, Answered]] = OrderedDict()

    def of(self, review: Review, judge: Judge) -> Answered | None:
        """What the judge answered when the same was asked; None where it never was, or too long ago."""
        number, answered = self._kept.get(review.digest, _NEVER)
        if number != judge.number:
            return None
        self._kept.move_to_end(review.digest)
        return answered

    def keep(self, review: Review, judge: Judge, answered: Answered) -> None:
        """Remember an answer."""
        self._kept[review.digest] = judge.number, answered
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


_NEVER: Final[tuple[int, None]] = (-1, None)
