"""The tree of a shell script, reduced to what decides which process runs and who hears a signal.

Words keep the grammar's own nodes: what they become depends on variables, which only a run knows (`words.py`). Trees
are compared by identity, since the same command may stand twice in one script and run differently each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, eq=False)
class Assignment:
    """`NAME=value`; `value` is None for an empty one, `appends` is true for `NAME+=value`."""

    name: str
    value: Node | None
    appends: bool = False


@dataclass(frozen=True, eq=False)
class Simple:
    """A simple command: its assignments and words; `redirected` is true where it has redirections of its own."""

    words: tuple[Node, ...]
    assignments: tuple[Assignment, ...] = ()
    redirected: bool = False


@dataclass(frozen=True, eq=False)
class Declaration:
    """`export`, `declare`, `local`, `readonly` or `typeset`: `words` are its options and the bare names."""

    keyword: str
    words: tuple[str, ...]
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, eq=False)
class Test:
    """`[ … ]`, `[[ … ]]` or `(( … ))`; `expression` is None where it is empty or arithmetic."""

    expression: Node | None


@dataclass(frozen=True, eq=False)
class Pipeline:
    """`a | b | c`."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Chain:
    """`left && right` or `left || right`; longer chains lean to the left."""

    left: Part
    operator: str
    right: Part


@dataclass(frozen=True, eq=False)
class Item:
    """One entry of a sequence; `background` is true where `&` stands behind it."""

    part: Part
    background: bool


@dataclass(frozen=True, eq=False)
class Sequence:
    """Commands one after the other, divided by `;`, `&` or line ends."""

    items: tuple[Item, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """`{ … }`; `redirected` is true for `{ … } >file`, and for any other compound command with a redirection."""

    body: Part
    redirected: bool = False


@dataclass(frozen=True, eq=False)
class Subshell:
    """`( … )`."""

    body: Sequence


@dataclass(frozen=True, eq=False)
class If:
    """`if`: pairs of condition and body in order, and what stands behind `else`."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@dataclass(frozen=True, eq=False)
class Case:
    """`case`: the subject, and pairs of patterns and body in order."""

    subject: Node
    branches: tuple[tuple[tuple[Node, ...], Sequence], ...]


@dataclass(frozen=True, eq=False)
class While:
    """`while` or, where `until` is true, `until`."""

    condition: Sequence
    body: Sequence
    until: bool


@dataclass(frozen=True, eq=False)
class For:
    """`for NAME in values` (also `select` and the arithmetic form, whose `variable` is empty)."""

    variable: str
    values: tuple[Node, ...]
    body: Sequence


@dataclass(frozen=True, eq=False)
class Function:
    """A function's definition, which runs nothing yet."""

    name: str
    body: Part


@dataclass(frozen=True, eq=False)
class Not:
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


@dataclass(frozen=True, eq=False)
class Program:
    """A whole script.

    Shells read one complete line at a time. `on_last_line` is how many of the body's entries stand on the last one and
    `rest` the text behind the last entry: by these a shell knows or fails to know that a command is its last.
    """

    body: Sequence
    on_last_line: int
    rest: str = ""
