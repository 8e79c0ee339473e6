"""The tree of a shell script, reduced to what decides which process runs and who hears a signal.

Words keep the grammar's own nodes: what they become depends on variables, which only a run knows (`words.py`). Trees
are compared by identity, since the same command may stand twice in one script and run differently each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from tree_sitter import Node


class Assignment(Struct, frozen=True, eq=False):
    """`NAME=value`; `value` is None for an empty one, `appends` is true for `NAME+=value`."""

    name: str
    value: Node | None
    appends: bool = False


class Simple(Struct, frozen=True, eq=False):
    """A simple command: its assignments and words; `redirected` is true where it has redirections of its own."""

    words: tuple[Node, ...]
    assignments: tuple[Assignment, ...] = ()
    redirected: bool = False


class Declaration(Struct, frozen=True, eq=False):
    """`export`, `declare`, `local`, `readonly` or `typeset`: `words` are its options and the bare names."""

    keyword: str
    words: tuple[str, ...]
    assignments: tuple[Assignment, ...]


class Test(Struct, frozen=True, eq=False):
    """`[ … ]`, `[[ … ]]` or `(( … ))`; `expression` is None where it is empty or arithmetic."""

    expression: Node | None


class Pipeline(Struct, frozen=True, eq=False):
    """`a | b | c`."""

    parts: tuple[Part, ...]


class Chain(Struct, frozen=True, eq=False):
    """`left && right` or `left || right`; longer chains lean to the left."""

    left: Part
    operator: str
    right: Part


class Item(Struct, frozen=True, eq=False):
    """One entry of a sequence; `background` is true where `&` stands behind it."""

    part: Part
    background: bool


class Sequence(Struct, frozen=True, eq=False):
    """Commands one after the other, divided by `;`, `&` or line ends."""

    items: tuple[Item, ...]


class Group(Struct, frozen=True, eq=False):
    """`{ … }`; `redirected` is true for `{ … } >file`, and for any other compound command with a redirection."""

    body: Part
    redirected: bool = False


class Subshell(Struct, frozen=True, eq=False):
    """`( … )`."""

    body: Sequence


class If(Struct, frozen=True, eq=False):
    """`if`: pairs of condition and body in order, and what stands behind `else`."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


class Case(Struct, frozen=True, eq=False):
    """`case`: the subject, and pairs of patterns and body in order."""

    subject: Node
    branches: tuple[tuple[tuple[Node, ...], Sequence], ...]


class While(Struct, frozen=True, eq=False):
    """`while` or, where `until` is true, `until`; `shifts` says that its rounds may change the positional words."""

    condition: Sequence
    body: Sequence
    until: bool
    shifts: bool = False


class For(Struct, frozen=True, eq=False):
    """`for NAME in values` (also `select` and the arithmetic form, whose `variable` is empty)."""

    variable: str
    values: tuple[Node, ...]
    body: Sequence


class Function(Struct, frozen=True, eq=False):
    """A function's definition, which runs nothing yet."""

    name: str
    body: Part


class Not(Struct, frozen=True, eq=False):
    """`! part`."""

    part: Part


Part: TypeAlias = (
    Simple
    | Declaration
    | Test
    | Pipeline
    | Chain
    | Sequence
    | Group
    | Subshell
    | If
    | Case
    | While
    | For
    | Function
    | Not
)


class Program(Struct, frozen=True, eq=False):
    """A whole script.

    Shells read one complete line at a time. `on_last_line` is how many of the body's entries stand on the last one and
    `rest` the text behind the last entry: by these a shell knows or fails to know that a command is its last.
    """

    body: Sequence
    on_last_line: int
    rest: str = ""
