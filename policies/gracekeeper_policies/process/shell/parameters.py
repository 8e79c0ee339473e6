"""`$NAME`, `${NAME:-default}` and their like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.process.shell.jobs import is_process_id
from gracekeeper_policies.provenance import AT_RUN_TIME, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper_policies.process.shell.scope import Scope

_TRIMMING: Final = frozenset({"#", "##", "%", "%%"})
_LONGEST_TRIMMED: Final = 1000
_MOST_STARS: Final = 2
_AT_RUN_TIME: Final = frozenset("?-$_")


class Piece(Struct, frozen=True):
    """A part of a word.

    `unknown` is empty, or says why the text could not be told and stands as written. `splits` is true for what came out
    of an expansion outside quotes, `literal` for what was written outside quotes. `note` says where a value came from.
    """

    text: str
    unknown: str = ""
    splits: bool = False
    literal: bool = False
    note: str = ""


def value(name: str, written: str, scope: Scope) -> Piece:
    """What a plain `$NAME` or `${NAME}` gives; `written` is how it stands in the script."""
    if name in _AT_RUN_TIME:
        return Piece(written, written + AT_RUN_TIME, splits=True)
    found = _found(name, scope)
    if found is None and scope.lacks(name):
        return Piece("", splits=True)
    if found is None:
        return Piece(written, f"nothing in sight sets {name}", splits=True)
    return _piece(name, found, written, scope)


def operate(name: str, operator: str, alternative: Sequence[Piece], written: str, scope: Scope) -> Iterator[Piece]:
    """What `${NAME operator alternative}` gives, for the operators that take a default; others are not computed."""
    if operator in _TRIMMING:
        yield _trimmed(name, operator, alternative, written, scope)
        return
    kind = operator.removeprefix(":")
    found = _found(name, scope) if kind in ("-", "=", "+", "?") else None
    if kind not in ("-", "=", "+", "?") or (found is not None and found.unknown):
        yield Piece(written, (found and found.unknown) or written + AT_RUN_TIME, splits=True)
    elif kind == "+":
        yield from alternative if _counts(found, operator) else ()
    elif found is not None and _counts(found, operator):
        yield _piece(name, found, written, scope)
    elif kind == "?":
        yield Piece(written, f"nothing in sight sets {name}, without which the script ends here", splits=True)
    else:
        yield from _defaults(name, kind, alternative, written, scope)


def _found(name: str, scope: Scope) -> Word | None:
    if name == "!":
        return scope.last_job
    if name in ("#", "*"):
        return _counted(name, scope)
    if not name.isascii() or not name.isdigit():
        return scope.lookup(name)
    number = int(name[:4])
    if number and scope.positional_doubt:
        return Word(f"${name}", unknown=scope.positional_doubt)
    return scope.positional[number] if number < len(scope.positional) else replace(scope.script, text="", unknown="")


def _counted(name: str, scope: Scope) -> Word:
    words = scope.words_of("")
    unknown = next((word.unknown for word in words if word.unknown), "")
    if scope.positional_doubt or (name == "*" and "IFS" in scope.values):
        return Word(f"${name}", unknown=scope.positional_doubt or "IFS divides it")
    if name == "#":
        return replace(scope.script, text=str(len(words)))
    return Word(" ".join(word.text for word in words), unknown=unknown)


def _trimmed(name: str, operator: str, pattern: Sequence[Piece], written: str, scope: Scope) -> Piece:
    """`${NAME#PATTERN}` and its like: the text without what matches at its front or its end."""
    whole = value(name, written, scope)
    unknown = whole.unknown or next((piece.unknown for piece in pattern if piece.unknown), "")
    regex = pattern_of("".join(piece.text for piece in pattern))
    if unknown or regex is None or len(whole.text) > _LONGEST_TRIMMED:
        return Piece(written, unknown or written + AT_RUN_TIME, splits=True)
    lengths = range(len(whole.text) + 1)
    at_front, longest = operator.startswith("#"), len(operator) > 1
    for length in reversed(lengths) if longest else lengths:
        cut = len(whole.text) - length
        taken, rest = (whole.text[:length], whole.text[length:]) if at_front else (whole.text[cut:], whole.text[:cut])
        if regex.fullmatch(taken):
            return replace(whole, text=rest)
    return whole


def pattern_of(text: str) -> re.Pattern[str] | None:
    """A shell's pattern with `*` and `?`; None for others, and for many stars, which would make matching slow."""
    if set("[(") & set(text) or text.count("*") > _MOST_STARS:
        return None
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in text), re.DOTALL)


def _counts(found: Word | None, operator: str) -> bool:
    return found is not None and (bool(found.text) or not operator.startswith(":"))


def _piece(name: str, found: Word, written: str, scope: Scope) -> Piece:
    if not scope.allowance.spend(found.text):
        return Piece(written, f"the script expands to more text than is read, {written} included", splits=True)
    note = f"${name} from {found.source}" if found.source else ""
    # A job's number is kept although the process id itself is unknown: `kill` and `wait` need it.
    text = written if found.unknown and not is_process_id(found.text) else found.text
    return Piece(text, found.unknown, splits=True, note=note)


def _defaults(name: str, kind: str, alternative: Sequence[Piece], written: str, scope: Scope) -> Iterator[Piece]:
    if kind == "=":
        text = "".join(piece.text for piece in alternative)
        unknown = next((piece.unknown for piece in alternative if piece.unknown), "")
        scope.assign(name, replace(scope.script, text=text, unknown=unknown))
    note = f"the default in {written}, as nothing in sight sets {name}"
    yield from (replace(piece, splits=piece.splits or piece.literal, literal=False, note=note) for piece in alternative)
