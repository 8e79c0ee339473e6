"""From the grammar's nodes to the tree of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell import tree
from gracekeeper_policies.process.shell.spelling import spelt_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tree_sitter import Node


def text_of(node: Node) -> str:
    """The text of a node as it is written."""
    return spelt_back(node.text)


def sequence(children: Iterable[Node]) -> tree.Sequence:
    """Read commands that follow each other, among whatever keywords and dividers stand between them."""
    commands = (child for child in children if child.is_named and child.type != "comment")
    return tree.Sequence(tuple(tree.Item(_part(child), _in_background(child)) for child in commands))


def has_heredoc(node: Node) -> bool:
    """Whether a here-document belongs to a command."""
    return any(child.type == "heredoc_redirect" for child in node.children)


def _in_background(node: Node) -> bool:
    following = node.next_sibling
    return following is not None and following.type == "&"


def _part(node: Node) -> tree.Part:
    reader = _READERS.get(node.type)
    # What the grammar puts in a command's place besides these (a stray expression) starts no process.
    return reader(node) if reader is not None else tree.Simple(())


def _simple(node: Node) -> tree.Part:
    assignments = tuple(_assignment(child) for child in node.named_children if child.type == "variable_assignment")
    return tree.Simple(tuple(_words(node)), assignments, bool(node.children_by_field_name("redirect")))


def _words(node: Node) -> Iterator[Node]:
    for number, child in enumerate(node.children):
        field = node.field_name_for_child(number)
        if field == "name":
            yield child.children[0] if child.children else child
        elif field == "argument":
            yield child
        elif field == "redirect":
            yield from _words_behind(child)


def _words_behind(redirect: Node) -> list[Node]:
    # The grammar takes every word behind `2>&1` as its target; shells take one and pass the others to the command.
    targets = redirect.children_by_field_name("destination")[1:] if redirect.type == "file_redirect" else []
    return targets + redirect.children_by_field_name("argument")


def _assignment(node: Node) -> tree.Assignment:
    name = node.child_by_field_name("name")
    appends = any(child.type == "+=" for child in node.children)
    return tree.Assignment(text_of(name) if name is not None else "", node.child_by_field_name("value"), appends)


def _assignments(node: Node) -> tree.Part:
    return tree.Simple((), tuple(_assignment(child) for child in node.named_children))


def _redirected(node: Node) -> tree.Part:
    body = node.child_by_field_name("body")
    redirects = node.children_by_field_name("redirect")
    part = _part(body) if body is not None else tree.Simple(())
    if isinstance(part, tree.Simple):
        more = tuple(word for redirect in redirects for word in _words_behind(redirect))
        part = tree.Simple(part.words + more, part.assignments, redirected=True)
    elif not isinstance(part, tree.Chain | tree.Pipeline):
        part = tree.Group(part, redirected=True)
    for redirect in redirects:
        part = _behind_heredoc(part, redirect)
    return part


def _behind_heredoc(part: tree.Part, redirect: Node) -> tree.Part:
    # In `cat <<EOF | sort` and `cat <<EOF && next`, the grammar hangs what follows into the redirection.
    for child in redirect.named_children if redirect.type == "heredoc_redirect" else []:
        if child.type == "pipeline":
            return tree.Pipeline((part, *(_part(each) for each in child.named_children)))
    right = redirect.child_by_field_name("right")
    operator = redirect.child_by_field_name("operator")
    return tree.Chain(part, text_of(operator), _part(right)) if right is not None and operator is not None else part


def _declaration(node: Node) -> tree.Part:
    assignments = tuple(_assignment(child) for child in node.named_children if child.type == "variable_assignment")
    words = tuple(text_of(child) for child in node.named_children if child.type != "variable_assignment")
    return tree.Declaration(text_of(node.children[0]), words, assignments)


def _test(node: Node) -> tree.Part:
    return tree.Test(node.named_children[0] if node.named_children else None)


def _pipeline(node: Node) -> tree.Part:
    return tree.Pipeline(tuple(_part(child) for child in node.named_children if child.type != "comment"))


def _chain(node: Node) -> tree.Part:
    left, right = (child for child in node.named_children if child.type != "comment")
    operator = next(child.type for child in node.children if not child.is_named)
    return tree.Chain(_part(left), operator, _part(right))


def _group(node: Node) -> tree.Part:
    # `(( … ))` comes as a compound statement, too.
    return tree.Test(None) if node.children[0].type == "((" else tree.Group(sequence(node.children))


def _if(node: Node) -> tree.Part:
    clauses = [node, *(child for child in node.children if child.type == "elif_clause")]
    branches = tuple((sequence(_before_then(clause)), sequence(_behind_then(clause))) for clause in clauses)
    otherwise = next((sequence(child.children) for child in node.children if child.type == "else_clause"), None)
    return tree.If(branches, otherwise)


def _before_then(clause: Node) -> list[Node]:
    return clause.children[: _position_of_then(clause)]


def _behind_then(clause: Node) -> list[Node]:
    return [
        child
        for child in clause.children[_position_of_then(clause) :]
        if child.type not in ("elif_clause", "else_clause")
    ]


def _position_of_then(clause: Node) -> int:
    return next(number for number, child in enumerate(clause.children) if child.type == "then")


def _case(node: Node) -> tree.Part:
    items = [child for child in node.children if child.type == "case_item"]
    subject = node.child_by_field_name("value") or node
    return tree.Case(subject, tuple((tuple(item.children_by_field_name("value")), _case_body(item)) for item in items))


def _case_body(item: Node) -> tree.Sequence:
    behind = next((number for number, child in enumerate(item.children) if child.type == ")"), 0)
    return sequence(item.children[behind:])


def _while(node: Node) -> tree.Part:
    condition = sequence(node.children_by_field_name("condition"))
    return tree.While(
        condition, _loop_body(node), until=node.children[0].type == "until", shifts="shift" in text_of(node)
    )


def _for(node: Node) -> tree.Part:
    variable = node.child_by_field_name("variable")
    values = tuple(node.children_by_field_name("value"))
    return tree.For(text_of(variable) if variable is not None else "", values, _loop_body(node))


def _loop_body(node: Node) -> tree.Sequence:
    body = node.child_by_field_name("body")
    return sequence(body.children if body is not None else [])


def _function(node: Node) -> tree.Part:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    return tree.Function(
        text_of(name) if name is not None else "", _part(body) if body is not None else tree.Simple(())
    )


_READERS: Final[Mapping[str, Callable[[Node], tree.Part]]] = {
    "command": _simple,
    "variable_assignment": lambda node: tree.Simple((), (_assignment(node),)),
    "variable_assignments": _assignments,
    "redirected_statement": _redirected,
    "declaration_command": _declaration,
    "unset_command": _declaration,
    "test_command": _test,
    "negated_command": lambda node: tree.Not(_part(node.named_children[-1])),
    "pipeline": _pipeline,
    "list": _chain,
    "compound_statement": _group,
    "subshell": lambda node: tree.Subshell(sequence(node.children)),
    "if_statement": _if,
    "case_statement": _case,
    "while_statement": _while,
    "for_statement": _for,
    "c_style_for_statement": _for,
    "function_definition": _function,
}
