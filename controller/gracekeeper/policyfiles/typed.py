"""From untyped values to pydantic's models, and from pydantic's errors to sentences with a place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from gracekeeper_policies.boundary import Misread, Misreadings, nearest
from gracekeeper_policies.faults import found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic_core import ErrorDetails

    from gracekeeper_policies.document import Document, Path

P = TypeVar("P", bound=BaseModel)

_EXPECTED: Final = {
    "string_type": "a string",
    "int_type": "an integer",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "float_type": "a number",
}
_OUT_OF_RANGE: Final = ("less_than", "greater_than_equal")


def read(model: type[P], values: object, *, document: Document, path: Path) -> P | Misreadings:
    """Read `values`, which stand at `path` of `document`, as a model, or say what is wrong with them.

    A field that is null counts as absent, as in Kubernetes.
    """
    if isinstance(values, Mapping) and not isinstance(values, dict):
        values = dict(values)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        nulls = {_path(detail, values) for detail in details if detail["input"] is None}
        fields = [at for at in nulls if at and isinstance(at[-1], str)]
        if fields:
            return read(model, reduce(_without, fields, values), document=document, path=path)
        return _misreadings(details, values, model, document, path)


def _without(values: object, path: Path) -> object:
    step, *rest = path
    if isinstance(values, list) and isinstance(step, int):
        return [*values[:step], _without(values[step], tuple(rest)), *values[step + 1 :]]
    if not isinstance(values, dict):
        return values
    kept = {key: value for key, value in values.items() if key != step}
    return {**kept, step: _without(values[step], tuple(rest))} if rest else kept


def _misreadings(
    details: list[ErrorDetails], values: object, model: type[BaseModel], document: Document, path: Path
) -> Misreadings:
    places: dict[Path, list[ErrorDetails]] = {}
    for detail in details:
        places.setdefault(_path(detail, values), []).append(detail)
    return Misreadings(tuple(Misread(document, (*path, *at), _sentence(places[at], model)) for at in places))


def _path(detail: ErrorDetails, values: object) -> Path:
    # pydantic ends the place of a union's error with the branch it tried (`port.int`): keep only real steps.
    steps: list[str | int] = []
    for step in detail["loc"]:
        if isinstance(values, dict) and (step in values or detail["type"] == "missing"):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int):
            values = values[step]
        else:
            break
        steps.append(step)
    return tuple(steps)


def _sentence(details: list[ErrorDetails], model: type[BaseModel]) -> str:
    # The value itself is never quoted: it may be a secret that was put in the wrong place.
    detail = details[0]
    if detail["type"] in _SENTENCES:
        return _SENTENCES[detail["type"]](detail, model)
    if detail["type"] == "missing":
        return f"expected the field {detail['loc'][-1]}, which is missing"
    if detail["type"] in _OUT_OF_RANGE:
        return "expected an integer of at most 64 bits"
    if detail["type"] not in _EXPECTED:
        return detail["msg"]
    expected = " or ".join(dict.fromkeys(_EXPECTED.get(each["type"], "another type") for each in details))
    return f"expected {expected}, found {found(detail['input'])}"


def _unknown_field(detail: ErrorDetails, model: type[BaseModel]) -> str:
    *way, name = detail["loc"]
    known = [field.alias or own for own, field in _model_at(model, way).model_fields.items()]
    near = nearest(str(name), known) or f"; expected one of {', '.join(known)}"
    return f"there is no field {name} here{near}"


def _model_at(model: type[BaseModel], way: Iterable[str | int]) -> type[BaseModel]:
    # A key of a mapping and a place in a list lead to the model that all their values share.
    for step in way:
        fields = {field.alias or own: field for own, field in model.model_fields.items()}
        model = _model_in(fields[str(step)].annotation, model) if step in fields else model
    return model


def _model_in(annotation: object, otherwise: type[BaseModel]) -> type[BaseModel]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(each, otherwise) for each in get_args(annotation))
    return next((each for each in inner if each is not otherwise), otherwise)


def _none_of_these(detail: ErrorDetails, _model: type[BaseModel]) -> str:
    allowed = detail["ctx"]["expected"].replace("'", "")
    value = detail["input"]
    if value is False and "off" in allowed:
        return f'expected {allowed}, found false, which a bare off is in YAML; write "off" in quotes'
    near = nearest(value, re.split(r", | or ", allowed)) if isinstance(value, str) else f", found {found(value)}"
    return f"expected {allowed}{near}"


def _too_few(_detail: ErrorDetails, _model: type[BaseModel]) -> str:
    return "expected at least one entry, found none"


_SENTENCES: Final[dict[str, Callable[[ErrorDetails, type[BaseModel]], str]]] = {
    "extra_forbidden": _unknown_field,
    "literal_error": _none_of_these,
    "too_short": _too_few,
    "string_too_short": lambda _detail, _model: "expected some text, found none",
    "string_pattern_mismatch": lambda detail, _model: f"expected text of the form {detail['ctx']['pattern']}",
}
