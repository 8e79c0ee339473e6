"""Which way a condition goes, where the script and the environment tell."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell import tree
from gracekeeper_policies.process.shell.parameters import pattern_of
from gracekeeper_policies.process.shell.reader import text_of
from gracekeeper_policies.process.shell.words import expand_unsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from gracekeeper_policies.process.shell.scope import Scope
    from gracekeeper_policies.process.shell.tree import Part
    from gracekeeper_policies.provenance import Word

_LEAVING: Final = frozenset({"break", "continue", "exit", "return"})
_NEVER_CHANGING: Final = frozenset({"true", ":", "false"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_COMPARISONS: Final = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-gt": operator.gt,
    "-ge": operator.ge,
    "-lt": operator.lt,
    "-le": operator.le,
}
_QUESTIONS: Final = frozenset(
    "test [ [[ grep egrep command which type hash pgrep kill id nc pg_isready wget curl getent".split()
)


def is_question(part: Part) -> bool:
    """Whether a command is run for its answer: one that may well be "no", unlike a step that is expected to succeed."""
    if isinstance(part, tree.Chain):
        return is_question(part.left) or is_question(part.right)
    if isinstance(part, tree.Pipeline):
        return is_question(part.parts[-1])
    if isinstance(part, tree.Simple):
        return bool(part.words) and text_of(part.words[0]).rpartition("/")[2] in _QUESTIONS
    return isinstance(part, tree.Test | tree.Not)


def leaves(part: Part) -> bool:
    """Whether a part only leaves a loop, a function or the script: then what stands before it is a question."""
    return isinstance(part, tree.Simple) and bool(part.words) and text_of(part.words[0]) in _LEAVING


def truth_of(test: tree.Test, scope: Scope) -> bool | None:
    """Whether `[ … ]` or `[[ … ]]` holds; None for what depends on files, patterns or unknown words."""
    return _truth_of(test.expression, scope)


def never_changes(condition: tree.Sequence) -> bool:
    """Whether the condition of a loop is a constant: others may change from round to round."""
    parts = [item.part for item in condition.items]
    return all(
        isinstance(part, tree.Simple) and bool(part.words) and text_of(part.words[0]) in _NEVER_CHANGING
        for part in parts
    )


def _truth_of(node: Node | None, scope: Scope) -> bool | None:
    if node is None or node.type not in ("unary_expression", "binary_expression"):
        return None
    if node.children[0].type == "!":
        holds = _truth_of(node.children[-1], scope)
        return None if holds is None else not holds
    # In `-n X -a Y = z` the grammar nests one expression in the other; a lone one has words only.
    if any(child.type.endswith("_expression") for child in node.named_children):
        return None
    words = [text_of(child) if _is_operator(child) else expand_unsplit(child, scope) for child in node.children]
    return _truth(words)


def _is_operator(node: Node) -> bool:
    return node.type == "test_operator" or not node.is_named


def truth_of_words(argv: Sequence[Word]) -> bool | None:
    """Whether `test` with these words holds."""
    return _truth([word.text if _looks_like_operator(word.text) else word for word in argv[1:]])


def _looks_like_operator(text: str) -> bool:
    return text in ("=", "==", "!=", "-n", "-z", *_COMPARISONS)


def _truth(words: list[str | Word]) -> bool | None:
    operators = [word for word in words if isinstance(word, str)]
    operands = [word for word in words if not isinstance(word, str)]
    if len(operators) != 1 or any(word.unknown for word in operands):
        return None
    texts = [word.text for word in operands]
    if len(texts) == 1 and operators[0] in ("-n", "-z"):
        return bool(texts[0]) is (operators[0] == "-n")
    return _compared(texts[0], operators[0], texts[1]) if len(texts) == 2 else None  # noqa: PLR2004 - two sides


def _compared(left: str, sign: str, right: str) -> bool | None:
    compare = _COMPARISONS.get(sign)
    if compare is not None and _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        return bool(compare(int(left), int(right)))
    if sign in ("=", "==", "!=") and not set("*?[(") & set(right):
        return (left == right) is (sign != "!=")
    return None


def matches(subject: Word, patterns: Sequence[Node], scope: Scope) -> bool | None:
    """Whether one of a `case` branch's patterns matches; None where that cannot be told."""
    answers = [_match(subject, pattern, scope) for pattern in patterns]
    return True if True in answers else None if None in answers else False


def _match(subject: Word, pattern: Node, scope: Scope) -> bool | None:
    if text_of(pattern) == "*":
        return True
    wanted = expand_unsplit(pattern, scope)
    regex = pattern_of(wanted.text)
    if subject.unknown or wanted.unknown or regex is None:
        return None
    return regex.fullmatch(subject.text) is not None
