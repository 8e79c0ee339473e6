"""Reads a text into documents, each with the stretch it came from; what is broken stays between its neighbours."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from gracekeeper.sources import json_documents, quick_yaml
from gracekeeper.sources.chunks import Chunk, chunks
from gracekeeper.sources.problems import GrammarError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OBJECT: Final = re.compile(r"\s*\{(?!\{)")
_JSON: Final = re.compile(r'\s*\{\s*["}]')
_DIRECTIVE: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?P<name>%\w*)")

_TEMPLATE_LINES: Final = 3
_RENDER: Final = "render it first, as in `helm template … | gracekeeper check -`"
_BRACE: Final = re.compile(r"\{[{%]")


class Syntax(Enum):
    """What a document is written in."""

    YAML = "yaml"
    PLAIN_YAML = "what the quick reader takes"
    JSON = "json"


class Extent(Struct, frozen=True):
    """Where a document stands: offsets in its text, and the line (from 0) of its first character."""

    start: int
    end: int
    line: int
    syntax: Syntax

    def cut(self, text: str) -> str:
        """The document's own text, as it was read."""
        return _ended(text[self.start : self.end])


class Read(Struct, frozen=True):
    """A document that could be read; its values are dicts, lists, text, numbers, booleans and None."""

    values: object
    extent: Extent


class Broken(Struct, frozen=True):
    """A document that could not be read, and why; offsets in `fault` count from the start of the whole text."""

    fault: MalformedError


Reading: TypeAlias = Read | Broken


def readings(text: str) -> Iterator[Reading]:
    """Give all documents of a text with bare newlines; never raises. Chunks without content give nothing."""
    for chunk in chunks(text):
        if chunk.fault is not None:
            yield Broken(chunk.fault)
        yield from _chunk(text, chunk)


def _chunk(text: str, chunk: Chunk) -> Iterator[Reading]:
    """The documents of one chunk: any number of JSON objects, or at most one of YAML."""
    part = text[chunk.start : chunk.end]
    try:
        yield from _json(part, chunk) if _OBJECT.match(part) else _yaml(part, chunk)
    except MalformedError as fault:
        yield Broken(_moved(_hinted(fault, part), chunk.start))


def _yaml(part: str, chunk: Chunk) -> Iterator[Reading]:
    """The quick reader first, the whole parser for what it leaves."""
    part = _ended(part)
    values: object = quick_yaml.read(part)
    syntax = Syntax.YAML if values is None else Syntax.PLAIN_YAML
    if values is None:
        _refuse_directive(part)
        values = _whole(part)
    if values is not None:
        yield Read(values, Extent(chunk.start, chunk.end, chunk.line, syntax))


def _whole(part: str) -> object:
    # The whole parser is loaded when the first text needs it: most runs do without.
    from gracekeeper.sources import yaml_nodes, yaml_values  # noqa: PLC0415

    return yaml_values.values(yaml_nodes.compose(part))


def _json(part: str, chunk: Chunk) -> Iterator[Reading]:
    """The objects one by one; a text whose first is none may be YAML in braces."""
    line, last = chunk.line, None
    try:
        for values, start, end in json_documents.documents(part):
            line += part.count("\n", last or 0, start)
            last = start
            yield Read(values, Extent(chunk.start + start, chunk.start + end, line, Syntax.JSON))
    except GrammarError as fault:
        if last is not None:
            raise
        yield from _braced_yaml(part, chunk, fault)


def _braced_yaml(part: str, chunk: Chunk, fault: GrammarError) -> list[Reading]:
    """What is neither JSON nor YAML gets the complaint of the one it looks like."""
    try:
        return list(_yaml(part, chunk))
    except MalformedError:
        if _JSON.match(part):
            raise fault from None
        raise


def _ended(part: str) -> str:
    """With a newline at the end, as kubectl makes sure of."""
    return part if part.endswith("\n") else part + "\n"


def _moved(fault: MalformedError, start: int) -> MalformedError:
    """The same fault, counted from the start of the whole text."""
    earlier = None if fault.earlier is None else fault.earlier + start
    return MalformedError(fault.offset + start, fault.message, earlier)


def _hinted(fault: MalformedError, part: str) -> MalformedError:
    """A template that nobody rendered fails in many ways, at a brace or a line or two behind it."""
    if not isinstance(fault, GrammarError) or not _BRACE.search(part):
        return fault
    found = _last_brace(part, fault.offset)
    if found is None:
        return MalformedError(fault.offset, f"{fault.message}; if it is a template: {_RENDER}")
    return MalformedError(found.start(), f"found `{found[0]}` of a template that is not rendered: {_RENDER}")


def _last_brace(part: str, offset: int) -> re.Match[str] | None:
    """The last template brace on the line of the fault or the two before it."""
    before, behind = part[:offset].split("\n")[-_TEMPLATE_LINES:], part[offset:].split("\n", 1)[0]
    start = offset - sum(map(len, before)) - len(before) + 1
    matches = list(_BRACE.finditer(part, start, offset + len(behind)))
    return matches[-1] if matches else None


def _refuse_directive(part: str) -> None:
    match = _DIRECTIVE.match(part)
    if match:
        name = match["name"]
        message = f"found the directive `{name}`, which kubectl takes for a document of its own; delete the line"
        raise MalformedError(match.start("name"), message)
