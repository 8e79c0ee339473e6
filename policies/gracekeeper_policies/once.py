"""A fact of an object that is worked out when it is first asked for, and kept.

The standard library's `cached_property` takes a lock each time it works something out (until Python 3.12), which takes
as long as most facts do. Nothing here is shared between threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it is used as a decorator
    """A property that works itself out once for each object; the object must have a `__dict__`."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        """`work` depends on the object alone."""
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> once[T]: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object, owner: type | None = None) -> once[T] | T:
        """Work it out and keep it where Python finds it before it asks here again."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._work(instance)
        return value
