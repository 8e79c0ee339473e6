"""Lets a caller follow long work item by item, to show how far it is; the work knows no clock and no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")


class Watch(Protocol):
    """Gives the same items in the same order; `doing` says in a word what is done with them: `Judging`."""

    def __call__(self, items: Sequence[T], doing: str) -> Iterable[T]:
        """Watch the items go by."""


def unwatched(items: Sequence[T], doing: str) -> Iterable[T]:  # noqa: ARG001 - as others are called
    """Give the items."""
    return items
