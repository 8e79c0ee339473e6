"""Which way a condition goes, where the script and the environment tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell import tree
from gracekeeper_policies.process.shell.reader import text_of
from gracekeeper_policies.process.shell.words import expand_unsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from gracekeeper_policies.process.shell.scope import Scope
    from gracekeeper_policies.process.shell.tree import Part
    from gracekeeper_policies.provenance import Word

_LEAVING: Final = frozenset({"break", "continue", "exit", "return"})
_MOST_STARS: Final = 2
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
    """Whether `[ … ]` or `[[ … ]]` holds; None for what depends on files, numbers, patterns or unknown words."""
    node = test.expression
    if node is None or node.type not in ("unary_expression", "binary_expression"):
        return None
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
    return text in ("=", "==", "!=", "-n", "-z")


def _truth(words: list[str | Word]) -> bool | None:
    operators = [word for word in words if isinstance(word, str)]
    operands = [word for word in words if not isinstance(word, str)]
    if len(operators) != 1 or any(word.unknown for word in operands):
        return None
    operator = operators[0]
    if len(operands) == 1 and operator in ("-n", "-z"):
        return bool(operands[0].text) is (operator == "-n")
    if len(operands) == 2 and operator in ("=", "==", "!=") and not set("*?[(") & set(operands[1].text):  # noqa: PLR2004
        return (operands[0].text == operands[1].text) is (operator != "!=")
    return None


def matches(subject: Word, patterns: Sequence[Node], scope: Scope) -> bool | None:
    """Whether one of a `case` branch's patterns matches; None where that cannot be told."""
    answers = [_match(subject, pattern, scope) for pattern in patterns]
    return True if True in answers else None if None in answers else False


def _match(subject: Word, pattern: Node, scope: Scope) -> bool | None:
    if text_of(pattern) == "*":
        return True
    wanted = expand_unsplit(pattern, scope)
    # Many stars would make matching slow, and nobody needs them to tell two roles apart.
    if subject.unknown or wanted.unknown or set("[(") & set(wanted.text) or wanted.text.count("*") > _MOST_STARS:
        return None
    regex = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in wanted.text)
    return re.fullmatch(regex, subject.text, re.DOTALL) is not None
