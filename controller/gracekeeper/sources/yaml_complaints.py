"""Turns what libyaml says about a broken text into what was found and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper.sources.problems import GrammarError

if TYPE_CHECKING:
    import yaml

_SENTENCES: Final = {
    "mapping values are not allowed in this context": (
        "found `: ` inside a value; indent the line like its neighbours, or put the value in quotes"
    ),
    "did not find expected key": "expected a key in the column of the ones before it",
    "did not find expected '-' indicator": "expected a list item (`- `) in the column of the ones before it",
    "could not find expected ':'": "expected `: ` behind this key",
    "did not find expected ',' or ']'": "expected `,` or `]`: the list opened by `[` is not closed",
    "did not find expected ',' or '}'": "expected `,` or `}`: the mapping opened by `{` is not closed",
    "found unexpected end of stream": "the quotation mark that opens this text is never closed",
    "found unexpected document indicator": "the quotation mark that opens this text is not closed before `...`",
    "found unknown escape character": r"found an escape that YAML does not know; write `\\` for a backslash",
    "block sequence entries are not allowed in this context": "found a list item (`- `), expected a value or a key",
    "did not find expected <document start>": "found text behind the end of the document; put `---` between",
    "did not find expected node content": "expected a value",
    "found undefined tag handle": "found a tag with a prefix that no `%TAG` line defines",
    "did not find expected alphabetic or numeric character": "expected a name behind `&` or `*`; quote what is text",
}
_AT_CONTEXT: Final = (  # libyaml notices these late; what is wrong stands where it began
    "found unexpected end of stream",
    "found unexpected document indicator",
    "could not find expected ':'",
)


def explain(error: yaml.MarkedYAMLError, text: str) -> GrammarError:
    """Give libyaml's error a place in the text and a sentence."""
    problem = error.problem or "not YAML"
    mark = error.context_mark if problem in _AT_CONTEXT and error.context_mark else error.problem_mark
    offset = min(mark.index, len(text)) if mark else 0
    return GrammarError(offset, _sentence(problem, text[offset : offset + 1]))


def _sentence(problem: str, found: str) -> str:
    if "\t" in problem or found == "\t":
        return "found a tab; YAML indents with spaces only"
    if problem == "found character that cannot start any token":
        return f"found `{found}`, with which no plain value can start; put the value in quotes"
    return _SENTENCES.get(problem, f"not YAML: {problem}")
