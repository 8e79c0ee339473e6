"""How a script gives variables, bash's arrays and its positional words anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper_policies.process.shell.words import expand_all, expand_unsplit

if TYPE_CHECKING:
    from gracekeeper_policies.process.shell.scope import Scope
    from gracekeeper_policies.process.shell.state import State
    from gracekeeper_policies.process.shell.tree import Assignment, Declaration
    from gracekeeper_policies.provenance import Word

_MOST_WORDS: Final = 1000


def assigned(assignment: Assignment, scope: Scope) -> Word:
    """The value an assignment gives."""
    value = expand_unsplit(assignment.value, scope)
    before = scope.lookup(assignment.name) if assignment.appends else None
    return replace(value, text=before.text + value.text, unknown=before.unknown or value.unknown) if before else value


def assign(assignment: Assignment, scope: Scope) -> None:
    """Set a variable, or one of bash's arrays; an element of one leaves the rest of it unknown."""
    name, _, index = assignment.name.partition("[")
    scope.arrays.pop(name, None) if index else None
    if assignment.value is None or assignment.value.type != "array":
        scope.assign(assignment.name, assigned(assignment, scope))
        return
    before = scope.words_of(name) if assignment.appends else ()
    scope.arrays[name] = (*before, *expand_all(assignment.value.named_children, scope))[:_MOST_WORDS]


def declare(part: Declaration, state: State) -> None:
    """Run `export`, `declare`, `local`, `readonly`, `typeset` or `unset`."""
    names = [word for word in part.words if not word.startswith("-")]
    if part.keyword in ("unset", "unsetenv"):
        for name in names:
            state.scope.forget(name)
        return
    exports = part.keyword == "export" or any(word.startswith("-") and "x" in word for word in part.words)
    for assignment in part.assignments:
        assign(assignment, state.scope)
    for name in [*names, *(each.name for each in part.assignments)] if exports else []:
        state.scope.export(name)


def set_builtin(argv: tuple[Word, ...], state: State) -> bool | None:
    """Run `set`: its flags, and the positional words behind them."""
    rest = list(argv[1:])
    while rest and rest[0].text[:1] in ("-", "+") and rest[0].text not in ("--", "-"):
        flag = rest.pop(0).text
        long = rest.pop(0).text if flag.endswith("o") and rest else ""
        _set_flag(flag, long, state)
    if rest:
        positional = rest[1:] if rest[0].text in ("--", "-") else rest
        _set_words(tuple(positional[:_MOST_WORDS]), state)
    return None


def _set_words(words: tuple[Word, ...], state: State) -> None:
    # Words that cannot be told may be any number, and each behind them stands anywhere.
    unknown = next((word.unknown for word in words if word.unknown and word.text == "$@"), "")
    state.scope.set_positional(() if unknown else words, unknown)


def _set_flag(flag: str, long: str, state: State) -> None:
    if "e" in flag or long == "errexit":
        state.errexit = flag.startswith("-")
    if "a" in flag or long == "allexport":
        state.scope.exports_all = flag.startswith("-")


def shift(argv: tuple[Word, ...], state: State) -> bool | None:
    """Run `shift`."""
    text = argv[1].text if len(argv) > 1 else "1"
    if not (text.isascii() and text.isdigit() and len(text) < 6):  # noqa: PLR2004 - keeps int() quick
        state.scope.set_positional((), "the script shifts its arguments by a number that it works out")
    else:
        state.scope.set_positional(state.scope.positional[1 + int(text) :], state.scope.positional_doubt)
    return None
