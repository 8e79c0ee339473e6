"""What functions have worked out before: kept for those who ask again, and given up together where memory is short.

Each function keeps a number of outcomes, whatever their size. That of a workload of 1.4 MB takes as much as thousands
of others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_FORGETTING: Final[list[Callable[[], None]]] = []


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Have a pure function keep so many of its outcomes, of those arguments that it was given last."""

    def keeping(work: Callable[P, T]) -> Callable[P, T]:
        kept = lru_cache(most)(work)
        forgettable(kept.cache_clear)
        return kept  # type: ignore[return-value]

    return keeping


def forgettable(forget_it: Callable[[], None]) -> None:
    """Have `forget` call this too; several threads may be judging then."""
    _FORGETTING.append(forget_it)


def forget() -> None:
    """Give back the memory of everything that was worked out before."""
    for forget_it in _FORGETTING:
        forget_it()
