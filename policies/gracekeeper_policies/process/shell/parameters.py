"""`$NAME`, `${NAME:-default}` and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.process.shell.jobs import is_process_id
from gracekeeper_policies.provenance import AT_RUN_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper_policies.process.shell.scope import Scope
    from gracekeeper_policies.provenance import Word

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
    if found is None:
        return Piece(written, f"nothing in sight sets {name}", splits=True)
    return _piece(name, found, written, scope)


def operate(name: str, operator: str, alternative: Sequence[Piece], written: str, scope: Scope) -> Iterator[Piece]:
    """What `${NAME operator alternative}` gives, for the operators that take a default; others are not computed."""
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
    if name == "#":
        return replace(scope.script, text=str(max(len(scope.positional) - 1, 0)))
    if not name.isascii() or not name.isdigit():
        return scope.lookup(name)
    number = int(name[:4])
    return scope.positional[number] if number < len(scope.positional) else replace(scope.script, text="", unknown="")


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
