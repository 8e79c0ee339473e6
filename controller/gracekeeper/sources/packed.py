"""Objects in as few bytes as they came in: thousands of them are held, and each is looked at once."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

if TYPE_CHECKING:
    from gracekeeper_policies.document import Document

_HEAD: Final = ("apiVersion", "kind", "metadata")


class Packed(Mapping[str, object]):
    """An object of which only the head, which everybody asks for, is at hand."""

    __slots__ = ("_bytes", "_head")

    def __init__(self, values: Mapping[str, object]) -> None:
        """ValueError: the values nest too deep to be packed."""
        self._head = {key: values[key] for key in _HEAD if key in values}
        self._bytes = marshal.dumps(dict(values))

    def __getitem__(self, key: str) -> object:
        """As in the object."""
        return self._head[key] if key in self._head else _unpacked(self._bytes)[key]

    def get(self, key: str, default: object = None) -> object:
        """As in the object."""
        return self._head[key] if key in self._head else _unpacked(self._bytes).get(key, default)

    def __iter__(self) -> Iterator[str]:
        """As in the object."""
        return iter(_unpacked(self._bytes))

    def __len__(self) -> int:
        """As in the object."""
        return len(_unpacked(self._bytes))


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> dict[str, object]:
    values: dict[str, object] = marshal.loads(packed)  # noqa: S302 - our own bytes, of a moment ago
    return values


def packed(document: Document) -> Document:
    """The same document, in less space where that can be had."""
    try:
        return replace(document, values=Packed(document.values))
    except ValueError:
        return document
