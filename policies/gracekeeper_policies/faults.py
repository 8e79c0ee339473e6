"""All that is wrong with values that are no model: each fault with its place and one sentence.

`msgspec.convert` stops at the first fault and tells no key of a mapping. What it refuses is walked through here, by
msgspec's own description of the model. On the way null fields are taken away, since null counts as absent in
Kubernetes: where that leaves no fault, what is left can be converted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from msgspec.inspect import (
    AnyType,
    BoolType,
    CustomType,
    DictType,
    IntType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    UnionType,
    VarTupleType,
    type_info,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from msgspec.inspect import Type

    from gracekeeper_policies.document import Path

_EXPECTED: Final[dict[type[Type], tuple[type, str]]] = {
    StrType: (str, "a string"),
    IntType: (int, "an integer"),
    BoolType: (bool, "true or false"),
    VarTupleType: (list, "a list"),
    DictType: (dict, "a mapping"),
    StructType: (dict, "a mapping"),
}
_FOUND: Final = {
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "a mapping",
}

_described: Final = lru_cache(maxsize=64)(type_info)


def found(value: object) -> str:
    """The type of a value that is not what it has to be: `a string`."""
    return _FOUND.get(type(value), "null")


class Walk:
    """A walk through values: `faults` are what is wrong, `values` are what is left without nulls.

    `custom` makes what msgspec does not know, and raises a TypeError or ValueError with a sentence where it cannot.
    """

    def __init__(self, values: object, model: type, custom: Callable[[type, object], object]) -> None:
        """Walk through all of the values."""
        self.faults: list[tuple[Path, str]] = []
        self._custom = custom
        self.values = self._value(values, _described(model), ())

    def _value(self, value: object, kind: Type, at: Path) -> object:
        if isinstance(kind, AnyType):
            return value
        if isinstance(kind, CustomType):
            return self._made(value, kind, at)
        branches = _branches(kind)
        branch = next((each for each in branches if type(value) is _expected(each)[0]), None)
        if branch is None:
            expected = " or ".join(_expected(each)[1] for each in branches)
            return self._fault(at, f"expected {expected}, found {found(value)}")
        return self._inside(value, branch, at)

    def _inside(self, value: Any, kind: Type, at: Path) -> object:  # noqa: ANN401 - a value that the type fits
        match kind:
            case StructType():
                return self._fields(value, kind, at)
            case DictType():
                return self._entries(value, kind, at)
            case VarTupleType():
                return [self._value(each, kind.item_type, (*at, number)) for number, each in enumerate(value)]
            case IntType(ge=int() as least, le=int() as most) if not least <= value <= most:
                return self._fault(at, "expected an integer of at most 64 bits")
            case Metadata(type=StrType(pattern=str() as pattern)) if not re.search(pattern, value):
                return self._fault(at, (kind.extra_json_schema or {})["description"])
        return value

    def _fields(self, values: dict[str, object], kind: StructType, at: Path) -> object:
        kept: dict[str, object] = {}
        for each in kind.fields:
            name, value = each.encode_name, values.get(each.encode_name)
            if value is not None:
                kept[name] = self._value(value, each.type, (*at, name))
            elif each.required:
                self._fault((*at, name), f"expected the field {name}, which is missing")
        return kept

    def _entries(self, values: dict[Any, object], kind: DictType, at: Path) -> object:
        kept: dict[str, object] = {}
        for key, value in values.items():
            # Go reads null into a text as an empty one.
            text = "" if value is None and isinstance(kind.value_type, StrType) else value
            if isinstance(key, str):
                kept[key] = self._value(text, kind.value_type, (*at, key))
            else:
                self._fault((*at, key), f"expected a string, found {found(key)}")
        return kept

    def _made(self, value: object, kind: CustomType, at: Path) -> object:
        try:
            return self._custom(kind.cls, value)
        except (TypeError, ValueError) as error:
            return self._fault(at, str(error))

    def _fault(self, at: Path, sentence: str) -> object:
        self.faults.append((at, sentence))
        return sentence  # something has to stand in the value's place; beside a fault nobody reads it


def _branches(kind: Type) -> tuple[Type, ...]:
    return (
        tuple(each for each in kind.types if not isinstance(each, NoneType)) if isinstance(kind, UnionType) else (kind,)
    )


def _expected(kind: Type) -> tuple[type, str]:
    return _EXPECTED[type(kind.type if isinstance(kind, Metadata) else kind)]
