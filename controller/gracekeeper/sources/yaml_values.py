"""Turns a tree of YAML nodes into plain values, by the rules of Kubernetes' own decoder."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from gracekeeper.sources import scalars
from gracekeeper.sources.problems import GrammarError, MalformedError
from gracekeeper.sources.yaml_nodes import Alias, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_MERGE_TAG: Final = "tag:yaml.org,2002:merge"


def values(node: Node | None) -> object:
    """Give a document as dicts, lists and scalars; aliases become copies of their own, merges (`<<`) are done.

    MalformedError: a key twice or one that is not text, a number that JSON cannot hold, a merge of no mapping.
    """
    match node:
        case Scalar():
            return _scalar(node)
        case Sequence():
            return [values(child) for child in node.children]
        case Mapping():
            return _mapping(node)
        case Alias():
            return values(node.target)
    return None


def entries(node: Mapping) -> Iterator[tuple[Node, Node]]:
    """The keys and values of a mapping as written, merges (`<<`) among them."""
    return zip(node.children[::2], node.children[1::2], strict=True)


def key_of(node: Node) -> str:
    """The text of a mapping's key. MalformedError: it is a list, a mapping, null."""
    key = target(node)
    if not isinstance(key, Scalar):
        kind = "mapping" if isinstance(key, Mapping) else "list"
        message = f"a key has to be text, found a {kind}; a value that starts with `{{` or `[` needs quotes"
        raise GrammarError(node.start, message)  # as a template's `{{ x }}` gives
    try:
        return scalars.key_text(key.tag, key.text)
    except ValueError as error:
        raise MalformedError(node.start, str(error)) from None


def is_merge(node: Node) -> bool:
    """Whether a key is the merge key `<<`, which in quotes is a key like any other."""
    return isinstance(node, Scalar) and node.text == "<<" and node.tag in {None, _MERGE_TAG}


def merged(node: Node) -> list[Mapping]:
    """The mappings that a merge brings in, the one that wins first. MalformedError: they are no mappings."""
    sources = node.children if isinstance(node, Sequence) else [node]
    targets = [target(source) for source in sources]
    mappings = [source for source in targets if isinstance(source, Mapping)]
    if len(mappings) < len(targets) or (isinstance(node, Alias) and isinstance(node.target, Sequence)):
        raise MalformedError(node.start, "a merge (`<<`) takes a mapping or a list of mappings")
    return mappings


def target(node: Node) -> Node:
    """What an alias stands for; any other node itself."""
    return node.target if isinstance(node, Alias) else node


def _scalar(node: Scalar) -> scalars.Scalar:
    try:
        value = scalars.resolve(node.text) if node.tag is None else scalars.resolve_tagged(node.tag, node.text)
    except ValueError as error:
        raise MalformedError(node.start, str(error)) from None
    if isinstance(value, float) and not isfinite(value):
        message = "found a number that JSON and Kubernetes cannot hold; put it in quotes if it is text"
        raise MalformedError(node.start, message)
    return value


def _mapping(node: Mapping) -> dict[str, object]:
    result: dict[str, object] = {}
    places: dict[str, int] = {}
    for key_node, value_node in entries(node):
        if is_merge(key_node):
            _merge(result, places, key_node, value_node)
            continue
        key = key_of(key_node)
        if key in places:
            message = f"the key `{scalars.shorten(key)}` is set twice in one mapping, first on line"
            raise MalformedError(key_node.start, message, places[key])
        places[key] = key_node.start
        result[key] = values(value_node)
    return result


def _merge(result: dict[str, object], places: dict[str, int], key_node: Node, value_node: Node) -> None:
    """Add what a merge brings. A key that is already set is refused: Kubernetes lets the merge win, YAML the key."""
    added: dict[str, object] = {}
    for source in reversed(merged(value_node)):
        added.update(_mapping(source))
    for key in added:
        if key in result:
            message = f"the merge brings the key `{scalars.shorten(key)}` again; put `<<` above it: it is set on line"
            raise MalformedError(key_node.start, message, places.get(key, key_node.start))
    result.update(added)
