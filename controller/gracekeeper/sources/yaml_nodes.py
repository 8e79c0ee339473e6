"""Parses any YAML document into a tree of nodes that know their place, in bounded time and memory.

libyaml (through PyYAML's C extension) gives the events. The tree is built here and not by PyYAML's composer, which
recurses in C until the stack is gone, and copies what aliases repeat without limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import yaml
from yaml._yaml import CParser

from gracekeeper.sources.limits import MAX_DEPTH, MAX_REPEATED, TOO_DEEP
from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.scalars import STRING
from gracekeeper.sources.yaml_complaints import explain

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL: Final = 1000  # values up to which aliases may repeat at will
_MAX_RATIO: Final = 50  # Kubernetes' own decoder gives up at a hundredfold
# By what it holds: for what it leaves out the compiler would go through sixty thousand characters at each start.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")

_SLASH: Final = re.compile(r"(?<!\\)(?:\\\\)*+\\/")

_Event: TypeAlias = Any  # the stubs call an event's marks optional, and libyaml gives both always


@dataclass(slots=True, eq=False)
class Scalar:
    """A scalar as written. `tag` is None for a plain one without a tag; `start` and `end` are offsets in the text."""

    tag: str | None
    text: str
    start: int
    end: int
    size: int = 1
    height: int = 0


@dataclass(slots=True, eq=False)
class Sequence:
    """A list of nodes. `size` counts all values below, aliases expanded; `height` the containers, itself among them."""

    start: int
    end: int = 0
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping: `children` are keys and values in turn. `size` and `height` as in `Sequence`."""

    start: int
    end: int = 0
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True, eq=False)
class Alias:
    """A place where another node stands again."""

    target: Node
    start: int
    end: int
    size: int
    height: int


Node: TypeAlias = Scalar | Sequence | Mapping | Alias


def compose(text: str) -> Node | None:
    """Parse one document; None when it holds only comments.

    MalformedError: not YAML, text behind the document, nested or repeated beyond the bounds.
    """
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        code = f"U+{ord(forbidden[0]):04X}"
        raise MalformedError(forbidden.start(), f"found the character {code}, which YAML does not allow in a text")
    parser = CParser(text)
    try:
        return _Composer(text).document(parser)
    except yaml.MarkedYAMLError as error:
        raise explain(error, text) from None
    finally:
        parser.dispose()


class _Composer:
    """One document while its events come in."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Node] = {}
        self._open: list[Sequence | Mapping] = []
        self._root: Node | None = None
        self._events = 0

    def document(self, parser: CParser) -> Node | None:
        """Take all events."""
        while (event := parser.get_event()) is not None:
            self._events += 1
            handler = _HANDLERS.get(type(event))
            if handler is not None:
                handler(self, event)
        return self._root

    def scalar(self, event: _Event) -> None:
        """Take a scalar with its tag."""
        start, end = event.start_mark.index, event.end_mark.index
        if event.style == '"' and _SLASH.search(self._text, start, end):
            raise MalformedError(start, "found the escape `\\/`, which only JSON knows; write `/`")
        tag = event.tag if event.tag is not None else None if event.implicit[0] else STRING
        self._attach(Scalar(tag, event.value, start, end), event.anchor)

    def alias(self, event: _Event) -> None:
        """Take an alias, which has to stand behind the whole of what it repeats."""
        start, end, name = event.start_mark.index, event.end_mark.index, event.anchor
        target = self._anchors.get(name)
        if target is None:
            # A password may start with an asterisk, so the name is not quoted.
            raise MalformedError(start, "found an alias (`*`) without its anchor before it; put text in quotes")
        if target in self._open:
            raise MalformedError(start, "found an alias (`*`) inside the value that it stands for")
        self._check_depth(start, target.height)
        self._attach(Alias(target, start, end, target.size, target.height), None)

    def mapping(self, event: _Event) -> None:
        """Open a mapping."""
        self._start(Mapping(event.start_mark.index), event.anchor)

    def sequence(self, event: _Event) -> None:
        """Open a list."""
        self._start(Sequence(event.start_mark.index), event.anchor)

    def close(self, event: _Event) -> None:
        """Close the innermost list or mapping, and count it into the one around it."""
        node = self._open.pop()
        node.end = event.end_mark.index
        if self._open:
            self._count(self._open[-1], node)
        allowed = min(self._events + MAX_REPEATED, max(_SMALL, self._events * _MAX_RATIO))
        if node.size > allowed:
            message = f"found aliases that repeat each other to more than {allowed} values; write the values out"
            raise MalformedError(node.start, message)

    def _start(self, node: Sequence | Mapping, anchor: str | None) -> None:
        self._attach(node, anchor)
        self._open.append(node)
        self._check_depth(node.start, 0)

    def _attach(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.children.append(node)
        if isinstance(node, Scalar | Alias):
            self._count(parent, node)

    def _count(self, parent: Sequence | Mapping, node: Node) -> None:
        parent.size += node.size
        if node.height >= parent.height:
            parent.height = node.height + 1

    def _check_depth(self, offset: int, height: int) -> None:
        if len(self._open) + height > MAX_DEPTH:
            raise MalformedError(offset, TOO_DEEP)


_HANDLERS: Final[dict[type[yaml.Event], Callable[[_Composer, _Event], None]]] = {
    yaml.ScalarEvent: _Composer.scalar,
    yaml.AliasEvent: _Composer.alias,
    yaml.MappingStartEvent: _Composer.mapping,
    yaml.MappingEndEvent: _Composer.close,
    yaml.SequenceStartEvent: _Composer.sequence,
    yaml.SequenceEndEvent: _Composer.close,
}
