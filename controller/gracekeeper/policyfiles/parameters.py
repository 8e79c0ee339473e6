"""A rule's parameters as a policy writes them: a model made from the rule's own declaration."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from pydantic import Field, create_model
from pydantic.alias_generators import to_camel

from gracekeeper.policyfiles.models import Strict
from gracekeeper.policyfiles.typed import read
from gracekeeper_policies.boundary import Misread, Misreadings
from gracekeeper_policies.faults import found

if TYPE_CHECKING:
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.rule import Rule

UNITS: Final = {"s": "seconds", "d": "days", "MiB": "mebibytes"}
"""Units as a sentence spells them."""

_NUMBERS: Final = (int, float)
_KINDS: Final = {int: "a whole number", float: "a number", str: "text in quotes", bool: "true or false"}
_SECONDS: Final = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}
_TIME: Final = re.compile(r"(\d{1,6}) ?(s|sec|m|min|h)\Z")


@dataclasses.dataclass(frozen=True)
class Parameter:
    """What a policy may set of a rule: the `field` of its declaration, and the `name` that it has in a policy.

    `unit` is empty for a bare number.
    """

    field: str
    name: str
    type: Any
    unit: str
    default: object
    meaning: str

    @property
    def expected(self) -> str:
        """`a whole number of seconds, 0 or more`."""
        unit = f" of {UNITS.get(self.unit, self.unit)}" if self.unit else ""
        at_least = ", 0 or more" if self.type in _NUMBERS else ""
        return f"{_KINDS.get(self.type, 'another type')}{unit}{at_least}"


@cache
def parameters(rule: Rule) -> tuple[Parameter, ...]:
    """The parameters that a rule declares."""
    if rule.parameters is None:
        return ()
    known = {**vars(sys.modules[rule.parameters.__module__]), "Mapping": Mapping, "Sequence": Sequence}
    types = get_type_hints(rule.parameters, known)
    return tuple(
        Parameter(field.name, to_camel(field.name), types[field.name], **_told(field))
        for field in dataclasses.fields(rule.parameters)
    )


def _told(field: dataclasses.Field[Any]) -> dict[str, Any]:
    default = field.default if field.default is not dataclasses.MISSING else None
    return {"unit": field.metadata.get("unit", ""), "default": default, "meaning": field.metadata.get("meaning", "")}


@cache
def model_of(rule: Rule) -> type[Strict]:
    """The model of a rule's parameters; of a rule without any, one without fields."""
    fields: dict[str, Any] = {each.field: (each.type, _declared(each)) for each in parameters(rule)}
    model: type[Strict] = create_model(rule.id, __base__=Strict, **fields)
    return model


def _declared(each: Parameter) -> object:
    description = _sentence(each)
    if each.type in _NUMBERS:
        return Field(each.default, description=description, ge=0)
    return Field(each.default, description=description, strict=each.type in _KINDS)


def _sentence(each: Parameter) -> str:
    unit = f" ({UNITS.get(each.unit, each.unit)})" if each.unit else ""
    return f"{each.meaning[:1].upper()}{each.meaning[1:]}{unit}."


def read_parameters(
    rule: Rule, values: Mapping[str, object], document: Document, path: Path
) -> object | Misreadings | None:
    """Read a rule's parameters as its own type, or say what is wrong with them; None where there are none."""
    if not values:
        return None
    if rule.parameters is None:
        return _refused(document, path, f"{rule.id} has no parameters")
    model = read(model_of(rule), values, document=document, path=path)
    if isinstance(model, Misreadings):
        return Misreadings(tuple(_in_units(each, rule, values, len(path)) for each in model.fields))
    given = {each.field: getattr(model, each.field) for each in parameters(rule) if each.name in values}
    try:
        own: object = rule.parameters(**given)
    except ValueError as error:
        return _refused(document, path, str(error))
    return own


def _refused(document: Document, path: Path, message: str) -> Misreadings:
    return Misreadings((Misread(document, path, message),))


def _in_units(misread: Misread, rule: Rule, values: Mapping[str, object], depth: int) -> Misread:
    """What a misread parameter has to be, with its unit; a time with a unit is converted."""
    name = misread.path[depth] if len(misread.path) == depth + 1 else None
    declared = next((each for each in parameters(rule) if each.name == name), None)
    if declared is None or declared.type not in _KINDS:
        return misread
    value = values[declared.name]
    negative = isinstance(value, int | float) and not isinstance(value, bool) and value < 0
    wrong = "one below 0" if negative else found(value)
    return Misread(
        misread.document, misread.path, f"expected {declared.expected}, found {wrong}{_converted(value, declared)}"
    )


def _converted(value: object, declared: Parameter) -> str:
    if declared.type is str and isinstance(value, int | float):
        return "; put it in quotes"
    time = _TIME.match(value) if isinstance(value, str) and declared.unit == "s" else None
    return f"; write {int(time[1]) * _SECONDS[time[2]]}" if time else ""
