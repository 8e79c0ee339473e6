"""Tells the Kubernetes objects of a text from everything else it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from gracekeeper.sources.positions import Locator
from gracekeeper.sources.problems import MalformedError, Problem
from gracekeeper.sources.readings import Broken, Extent, Read, readings
from gracekeeper.sources.scalars import describe
from gracekeeper_policies.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.document import Path

_FIELDS: Final = {"apiVersion": "apps/v1", "kind": "Deployment"}


@dataclass
class Contents:
    """What one text holds. `extents` has one entry for each document, `Document.index` counts them."""

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    foreign: list[Problem] = field(default_factory=list)
    """Documents that can be read and are no Kubernetes objects: problems only where such objects are expected."""
    extents: list[Extent | None] = field(default_factory=list)
    """None for a document that could not be read."""


def contents(origin: str, text: str) -> Contents:
    """Read a text with bare newlines; never raises."""
    found = Contents()
    for reading in readings(text):
        if isinstance(reading, Broken):
            found.problems.append(problem(origin, text, reading.fault))
            found.extents.append(None)
        else:
            _add(found, origin, text, reading)
            found.extents.append(reading.extent)
    return found


def problem(origin: str, text: str, fault: MalformedError) -> Problem:
    """Give a fault its line and column."""
    line = text.count("\n", 0, fault.offset) + 1
    column = fault.offset - text.rfind("\n", 0, fault.offset)
    earlier = "" if fault.earlier is None else f" {text.count(chr(10), 0, fault.earlier) + 1}"
    return Problem(origin, line, column, fault.message + earlier)


def _add(found: Contents, origin: str, text: str, reading: Read) -> None:
    """Sort one document in: its objects, and whatever stands where an object is expected."""
    complaint = _complaint(reading.values)
    if complaint:
        found.foreign.append(_at(origin, text, reading.extent, (), complaint))
        return
    document = Document(cast("dict[str, object]", reading.values), origin, len(found.extents))
    for member in _members(document):
        fault = next(_faults(member.values), None)
        if fault is None:
            found.documents.append(member)
        else:
            path, message = fault
            found.problems.append(_at(origin, text, reading.extent, (*member.base, *path), message))


def _members(document: Document) -> Iterator[Document]:
    """The objects of a document; items of a list that are no mappings too, as they are."""
    items = document.values.get("items")
    if not (document.kind.endswith("List") and isinstance(items, list)):
        yield document
        return
    for number, item in enumerate(items):
        member = Document(item, document.origin, document.index, (*document.base, "items", number))
        yield from _members(member) if isinstance(item, dict) else (member,)


def _complaint(values: object) -> str:
    """Why a document is no Kubernetes object; empty when it has the two fields that make it one."""
    if not isinstance(values, dict):
        return f"found {describe(values)}, expected a Kubernetes object: a mapping with `apiVersion` and `kind`"
    missing = [f"`{name}`" for name in _FIELDS if name not in values]
    if missing:
        return f"found a mapping without {' and '.join(missing)}, which every Kubernetes object has"
    return ""


def _faults(values: object) -> Iterator[tuple[Path, str]]:
    """What keeps an object from being judged, and where in it."""
    complaint = _complaint(values)
    if complaint:
        yield (), complaint
    elif isinstance(values, dict):
        for name in _FIELDS:
            if not (isinstance(values[name], str) and values[name]):
                yield (name,), f"`{name}` is {describe(values[name])}, expected text such as `{_FIELDS[name]}`"


def _at(origin: str, text: str, extent: Extent, path: Path, message: str) -> Problem:
    place = Locator(text, extent).find(path)
    return Problem(origin, place.line, place.column, message)
