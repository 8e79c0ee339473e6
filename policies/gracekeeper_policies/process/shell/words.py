"""What the words of a script become: quotes, escapes, variables, splitting, braces and patterns of file names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper_policies.process.shell import parameters
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.parameters import Piece
from gracekeeper_policies.process.shell.reader import text_of
from gracekeeper_policies.process.shell.spelling import spelt_back
from gracekeeper_policies.provenance import AT_RUN_TIME, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from gracekeeper_policies.process.shell.scope import Scope

_UNQUOTED_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_QUOTED_ESCAPE: Final = re.compile(r"\\([$`\"\\\n])")
_ANSI_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "e": "\x1b"}
_MANY_WORDS: Final = re.compile(r'"(?:\$@|\$\{@\}|\$\{(?P<array>\w+)\[@\]\})"|\$@|\$\*|\$\{@\}')
_BRACES: Final = re.compile(r"([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)\Z")

_ALL_IN_ONE: Final = frozenset({'"$@"', "$@", '"${@}"', "${@}"})


@dataclass
class _Field:
    """A word in the making."""

    text: str = ""
    unknown: str = ""
    pattern: bool = False
    braces: bool = False
    tilde: bool = False


def expand_all(nodes: Iterable[Node], scope: Scope) -> tuple[Word, ...]:
    """Expand the words of a command, in order; one node may give several words, or none."""
    return tuple(word for node in nodes for word in expand(node, scope))


def expand(node: Node, scope: Scope) -> list[Word]:
    """Expand one node as a shell does in a command: `$X` splits at blanks in it, `"$@"` gives the positional words."""
    many = _MANY_WORDS.fullmatch(text_of(node))
    if many is not None:
        words = list(scope.words_of(many["array"] or ""))
        words = words if scope.allowance.spend(" " * len(words)) else []
        return words if many[0].startswith('"') else [part for word in words for part in _divided(word)]
    pieces = list(_pieces(node, scope))
    fields = [word for field in _split(pieces) for word in _finished(field, scope)]
    return [_placed(word, pieces, scope, node) for word in fields]


def _divided(word: Word) -> list[Word]:
    return [word] if word.unknown else [replace(word, text=text) for text in word.text.split()]


def expand_unsplit(node: Node | None, scope: Scope) -> Word:
    """Expand a node as a shell does in an assignment or as the subject of `case`: always one word, not split."""
    if node is None:
        return Word("", scope.script.source, scope.script.path, scope.script.unknown)
    if text_of(node) in _ALL_IN_ONE:
        node_pieces = [parameters.value("*", text_of(node), scope)]
        return _placed(Word(node_pieces[0].text, unknown=node_pieces[0].unknown), node_pieces, scope, node)
    pieces = list(_pieces(node, scope))
    whole = Word("".join(piece.text for piece in pieces), unknown=_doubt(pieces))
    return _placed(_homed(whole, scope) if pieces and pieces[0].literal else whole, pieces, scope, node)


def _placed(word: Word, pieces: Sequence[Piece], scope: Scope, node: Node) -> Word:
    notes = list(dict.fromkeys(piece.note for piece in pieces if piece.note))
    place = f"{scope.script.source}, line {node.start_point.row + 1}" if scope.has_lines else scope.script.source
    source = f"{place} ({', '.join(notes)})" if notes else place
    return Word(word.text, source.strip(), scope.script.path, word.unknown or scope.script.unknown)


def _doubt(pieces: Iterable[Piece]) -> str:
    return next((piece.unknown for piece in pieces if piece.unknown), "")


def _split(pieces: Iterable[Piece]) -> list[_Field]:
    fields: list[_Field] = []
    is_open = False
    for piece in pieces:
        parts = _parts(piece, after_text=is_open)
        for number, text in enumerate(parts):
            if number or not is_open:
                fields.append(_Field())
            _add(fields[-1], piece, text)
            is_open = True
        is_open = is_open and not (piece.splits and not piece.unknown and piece.text[-1:].isspace())
    return fields


def _parts(piece: Piece, *, after_text: bool) -> list[str]:
    if not piece.splits or piece.unknown:
        return [piece.text]
    # A blank at the front ends the word that came before it, where there is one.
    leading = [""] if after_text and piece.text[:1].isspace() and piece.text.strip() else []
    return leading + piece.text.split()


def _add(field: _Field, piece: Piece, text: str) -> None:
    field.tilde = field.tilde or (piece.literal and not field.text and text.startswith("~"))
    field.text += text
    field.unknown = field.unknown or piece.unknown
    field.pattern = field.pattern or (piece.literal and ("*" in text or "?" in text))
    field.braces = field.braces or (piece.literal and "{" in text)


def _finished(field: _Field, scope: Scope) -> list[Word]:
    word = Word(field.text, unknown=field.unknown)
    if field.braces and scope.shell is Shell.BASH:
        return [Word(text, unknown=field.unknown) for text in _braced(field.text)]
    # A flag such as --forwarded-allow-ips=* is a pattern, too, but no file is called so: shells leave it as it is.
    if field.pattern and not field.text.startswith("-"):
        return [replace(word, unknown=word.unknown or f"{field.text} stands for whatever files it matches")]
    return [_homed(word, scope)] if field.tilde else [word]


def _braced(text: str) -> list[str]:
    match = _BRACES.match(text)
    return [f"{match[1]}{choice}{match[3]}" for choice in match[2].split(",")] if match else [text]


def _homed(word: Word, scope: Scope) -> Word:
    if word.text != "~" and not word.text.startswith("~/"):
        return word
    home = scope.lookup("HOME")
    if home is None or home.unknown:
        return replace(word, unknown=word.unknown or "the home directory is the image's")
    return replace(word, text=home.text + word.text[1:])


def _pieces(node: Node, scope: Scope) -> Iterator[Piece]:
    reader = _READERS.get(node.type)
    if reader is None:
        # Numbers, patterns of `case` and whatever else the grammar tells apart are words like others.
        yield Piece(_UNQUOTED_ESCAPE.sub(_escaped, text_of(node)), literal=True)
    else:
        yield from reader(node, scope)


def _escaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _raw(node: Node, _scope: Scope) -> Iterator[Piece]:
    yield Piece(text_of(node)[1:-1])


def _ansi(node: Node, _scope: Scope) -> Iterator[Piece]:
    yield Piece(_UNQUOTED_ESCAPE.sub(lambda match: _ANSI_ESCAPES.get(match[1], match[0]), text_of(node)[2:-1]))


def _concatenation(node: Node, scope: Scope) -> Iterator[Piece]:
    for child in node.children:
        yield from _pieces(child, scope)


def _string(node: Node, scope: Scope) -> Iterator[Piece]:
    # An empty piece first, so that "" and "$EMPTY" give an empty word and not none.
    yield Piece("")
    for part in between_quotes(node):
        if isinstance(part, str):
            yield Piece(_QUOTED_ESCAPE.sub(_escaped, part))
        else:
            yield from (replace(piece, splits=False, literal=False) for piece in _pieces(part, scope))


def between_quotes(node: Node) -> Iterator[Node | str]:
    """The content of a double-quoted string: expansions as nodes and all between them as text."""
    source, position = node.text or b"", node.start_byte + 1
    for child in (child for child in node.named_children if child.type != "string_content"):
        yield spelt_back(source[position - node.start_byte : child.start_byte - node.start_byte])
        yield child
        position = child.end_byte
    yield spelt_back(source[position - node.start_byte : -1])


def _simple_expansion(node: Node, scope: Scope) -> Iterator[Piece]:
    yield parameters.value(text_of(node)[1:], text_of(node), scope)


def _expansion(node: Node, scope: Scope) -> Iterator[Piece]:
    parts = [child for child in node.children if child.type not in ("${", "}")]
    name = text_of(parts[0]) if parts else ""
    if len(parts) == 1:
        yield parameters.value(name, text_of(node), scope)
        return
    operator = text_of(parts[1]) if parts else ""
    alternative = [piece for part in parts[2:] for piece in _pieces(part, scope)]
    yield from parameters.operate(name, operator, alternative, text_of(node), scope)


def _substitution(node: Node, _scope: Scope) -> Iterator[Piece]:
    yield Piece(text_of(node), text_of(node) + AT_RUN_TIME, splits=True)


def _arithmetic(node: Node, scope: Scope) -> Iterator[Piece]:
    text = text_of(node)[3:-2].strip()
    if text.isascii() and text.isdigit():
        yield Piece(text)
    else:
        yield from _substitution(node, scope)


_READERS: Final[Mapping[str, Callable[[Node, Scope], Iterator[Piece]]]] = {
    "string": _string,
    "raw_string": _raw,
    "ansi_c_string": _ansi,
    "concatenation": _concatenation,
    "simple_expansion": _simple_expansion,
    "expansion": _expansion,
    "command_substitution": _substitution,
    "process_substitution": _substitution,
    "arithmetic_expansion": _arithmetic,
}
