"""From a script's text to its tree, by the real grammar of bash (of which dash's and ash's language is a part)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.shell import tree
from gracekeeper_policies.process.shell.dialect import FOREIGN, Shell
from gracekeeper_policies.process.shell.reader import has_heredoc, sequence, text_of
from gracekeeper_policies.process.shell.spelling import spelt_out
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node, Parser, Tree

MOST_CHARACTERS: Final = 65_536
"""A longer script is not read: nobody writes one into a manifest, and reading must stay quick whatever is sent."""

_DEEPEST: Final = 120
_CLOSING: Final = frozenset((b"then", b"elif", b"else", b"fi", b"do", b"done", b"esac"))
_PIPEFAIL: Final = re.compile(r"set\s+(?:\S+\s+)*-\w*o\s+pipefail\b")
_KEEPS_JOB: Final = re.compile(r"([A-Za-z_]\w*)=\"?\$!")
_LAST_CONTINUATION: Final = re.compile(r"(?<!\\)(?:\\\n)+\Z")
_CONTINUATION: Final = "\\\n"


def parse(text: str, shell: Shell = Shell.BASH) -> tree.Program | Unknown:
    """Read a script; Unknown, with the line, where it is not valid for the shell or beyond what is read."""
    if len(text) > MOST_CHARACTERS:
        return Unknown(f"the script is longer than {MOST_CHARACTERS} characters")
    if "\r\n" in text:
        return Unknown("the script's lines end in CR LF, and a shell takes the CR as part of the last word")
    program, missing = _read(text)
    return missing.get(shell, program)


@remembered(32)
def _read(text: str) -> tuple[tree.Program | Unknown, Mapping[Shell, Unknown]]:
    # Whoever does not know which shell `sh` is asks once for each.
    # The grammar rejects a continuation at the very end, which shells take for nothing.
    source = spelt_out(_LAST_CONTINUATION.sub("", text))
    parsed = _parser().parse(source)
    missing: dict[Shell, Unknown] = {}
    fault = _fault(parsed, missing)
    if fault is not None:
        return fault, {}
    root = parsed.root_node
    return tree.Program(sequence(root.children), _commands_on_last_line(root, source), _rest(root, source)), missing


def names_of_jobs(text: str) -> frozenset[str]:
    """The names of variables to which a script gives a process id (`pid=$!`) anywhere: until then, they are empty."""
    return frozenset(_KEEPS_JOB.findall(text))


@lru_cache(maxsize=1)
def _parser() -> Parser:
    # Loading the grammar takes longer than judging a workload, and most have no script.
    import tree_sitter_bash  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_bash.language()))


def _fault(parsed: Tree, missing: dict[Shell, Unknown]) -> Unknown | None:
    # Iterative, since a script nested too deep must be refused and not end in a RecursionError.
    cursor, depth = parsed.walk(), 0
    while True:
        node = cursor.node
        if node is not None and (node.is_error or node.is_missing or _is_misplaced(node)):
            return Unknown(f"the script is not valid shell: line {node.start_point.row + 1}")
        if node is not None and node.type in FOREIGN:
            _note_missing(node, missing)
        if depth > _DEEPEST:
            return Unknown(f"the script nests deeper than {_DEEPEST} levels")
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return None
            depth -= 1


def _is_misplaced(node: Node) -> bool:
    # The grammar takes a keyword that closes nothing for a command of that name.
    return node.type == "command_name" and node.text in _CLOSING


def _note_missing(node: Node, missing: dict[Shell, Unknown]) -> None:
    for shell in (Shell.DASH, Shell.ASH):
        lacks = "" if shell in missing else _missing_in(shell, node)
        if lacks:
            missing[shell] = Unknown(f"{shell} does not know {lacks}: line {node.start_point.row + 1}")


def _missing_in(shell: Shell, node: Node) -> str:
    if shell is Shell.DASH and node.type == "command" and _PIPEFAIL.match(text_of(node)):
        return "`set -o pipefail`, at which it ends"
    word = text_of(node.children[0]) if node.children else ""
    return next((name for start, name, shells in FOREIGN[node.type] if shell in shells and word == (start or word)), "")


def _rest(root: Node, source: bytes) -> str:
    commands = [child for child in root.named_children if child.type != "comment"]
    rest = source[commands[-1].end_byte if commands else 0 :].decode("ascii").replace(_CONTINUATION, "")
    # The line of a here-document ends before its text.
    return f"\n{rest}" if commands and has_heredoc(commands[-1]) else rest


def _commands_on_last_line(root: Node, source: bytes) -> int:
    commands = [child for child in root.named_children if child.type != "comment"]
    count = min(len(commands), 1)
    while 0 < count < len(commands) and not _breaks_line(commands[-count - 1], commands[-count], source):
        count += 1
    return count


def _breaks_line(before: Node, after: Node, source: bytes) -> bool:
    between = source[before.end_byte : after.start_byte].replace(_CONTINUATION.encode(), b"")
    return b"\n" in between or has_heredoc(before)
