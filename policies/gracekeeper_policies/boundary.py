"""From untyped values to typed models, or to sentences with a place."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct, ValidationError, convert

from gracekeeper_policies.quantity import parse_quantity
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gracekeeper_policies.document import Document, Path

M = TypeVar("M", bound=Struct)


class Misread(Struct, frozen=True):
    """A field whose type is wrong: nothing of the object that holds it can be judged."""

    document: Document
    path: Path
    message: str


class Misreadings(Struct, frozen=True):
    """All fields of one object that could not be read."""

    fields: tuple[Misread, ...]


def read(model: type[M], values: object, *, document: Document, path: Path) -> M | Misreadings:
    """Read `values`, which stand at `path` of `document`, as a model, or say what is wrong with them.

    A field that is null counts as absent, as in Kubernetes.
    """
    if isinstance(values, Mapping) and not isinstance(values, dict):
        values = dict(values)
    try:
        return typed(model, values)
    except ValidationError:
        # Few manifests get here: what looks for all that is wrong is loaded with the first of them.
        from gracekeeper_policies.faults import Walk  # noqa: PLC0415

    walk = Walk(values, model, _custom)
    if walk.faults:
        return Misreadings(tuple(Misread(document, (*path, *at), message) for at, message in walk.faults))
    return typed(model, walk.values)


def typed(model: type[M], values: object) -> M:
    """Make a model of values in which nothing is null.

    Raises:
        ValidationError: a value has another type than its field.
    """
    return convert(values, model, dec_hook=_custom)


def _custom(_kind: type, value: object) -> Fraction:
    # Quantities are the one type of the models that msgspec does not know.
    if value is None or isinstance(value, Fraction):
        return value or Fraction(0)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("expected a quantity such as 500m or 512Mi")
    return _quantity(value)


_quantity: Final = remembered(1024)(parse_quantity)  # a cluster knows few different ones


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean X?`, or nothing where no known name is near."""
    import difflib  # noqa: PLC0415 - most runs guess no name

    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
