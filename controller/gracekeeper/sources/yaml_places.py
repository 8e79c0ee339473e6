"""Where values stand in any YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.stretches import on_one_line
from gracekeeper.sources.yaml_nodes import Mapping, Node, Scalar, Sequence, compose
from gracekeeper.sources.yaml_values import entries, is_merge, key_of, merged, target

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path

_BLOCK_HEADER: Final = re.compile(r"[|>][-+0-9]*")
_TO_COLON: Final = re.compile(r"[ \t]*:")


class YAMLPlaces:
    """A document that the whole parser understands."""

    def __init__(self, text: str) -> None:
        """MalformedError: it does not."""
        self._text = text
        self._root = compose(text)

    def find(self, path: Path) -> tuple[int, int, int]:
        """Line, first column and end column (from 0) of the value at `path`, or of its deepest ancestor.

        What an alias or a merge brings in stands where its anchor does.
        """
        node = self._root
        if node is None:
            return 0, 0, 0
        start, end = node.start, self._end(node)
        for step in path:
            found = self._entry(target(node), step)
            if found is None:
                break
            start, end, node = found
        return on_one_line(self._text, start, end)

    def _entry(self, node: Node, step: str | int) -> tuple[int, int, Node] | None:
        """Start and end of the entry, and its value."""
        if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.children):
            child = node.children[step]
            return child.start, self._end(child), child
        if isinstance(node, Mapping) and isinstance(step, str):
            return self._keyed(node, step)
        return None

    def _keyed(self, node: Mapping, step: str) -> tuple[int, int, Node] | None:
        for key, value in entries(node):
            if not is_merge(key) and _named(key, step):
                return key.start, self._entry_end(key, value), value
        sources = [source for key, value in entries(node) if is_merge(key) for source in merged(value)]
        return next((found for source in sources if (found := self._keyed(source, step))), None)

    def _entry_end(self, key: Node, value: Node) -> int:
        """The value's end if it starts on the key's line, else that of the colon."""
        if value.start < value.end and "\n" not in self._text[key.start : value.start]:
            return self._end(value)
        colon = _TO_COLON.match(self._text, key.end)
        return colon.end() if colon else key.end

    def _end(self, node: Node) -> int:
        """The end of a node, of the first entry where it is a block with an entry on each line."""
        if isinstance(node, Scalar):
            header = _BLOCK_HEADER.match(self._text, node.start)
            return header.end() if header else node.end
        children = node.children if isinstance(node, Mapping | Sequence) else []
        if not children or self._text[node.start] in "[{":
            return node.end
        return self._entry_end(children[0], children[1]) if isinstance(node, Mapping) else self._end(children[0])


def _named(key: Node, step: str) -> bool:
    try:
        return key_of(key) == step
    except MalformedError:
        return False
