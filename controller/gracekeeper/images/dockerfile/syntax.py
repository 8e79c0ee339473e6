"""The text of a Dockerfile as instructions, by BuildKit's own grammar.

The grammar is e2b-dockerfile-utils, BuildKit's parser and lexer in Python. Its messages quote the text, which may be a
secret; so ours are told instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from e2b_dockerfile_utils import DockerfileSyntaxError, parse_dockerfile_ast

from gracekeeper.images.dockerfile.faults import FaultyError
from gracekeeper_policies.provenance import spoken

if TYPE_CHECKING:
    from e2b_dockerfile_utils import DockerfileAst, DockerfileInstruction

MAX_BYTES: Final = 256 * 2**10
"""The size of a Dockerfile; the longest that people write have some 100 KiB."""

_ENDS_OF_WORDS: Final = (
    ("unknown instruction", "`{word}` is no instruction of a Dockerfile"),
    ("parser directive", "a parser directive stands here twice"),
    ("invalid escape token", "the escape character is neither `\\` nor a backtick"),
    ("unterminated heredoc", "a here-document begins here and never ends"),
    ("can't find =", "{word} has a part without `=`, expected NAME=VALUE"),
    ("must have two arguments", "{word} has a name without a value"),
    ("Only strings", "{word} lists something that is no string"),
)


def parse(content: bytes) -> DockerfileAst:
    """Read instructions, continued lines joined; raises FaultyError for what BuildKit refuses, too."""
    text = _decoded(content)
    try:
        tree = parse_dockerfile_ast(text)
    except DockerfileSyntaxError as error:
        line = error.line or 0
        raise FaultyError(line, _told(str(error), _first_word(text, line))) from None
    except RecursionError:  # brackets in a list of words
        raise FaultyError(0, "nests deeper than any Dockerfile does") from None
    if not tree.instructions:
        raise FaultyError(0, "holds no instruction, expected FROM")
    for instruction in tree.instructions:
        _refuse_empty(instruction)
    return tree


def trigger(instruction: DockerfileInstruction) -> DockerfileInstruction | None:
    """The instruction that an ONBUILD holds, on the line where it stands; None where it cannot be read."""
    try:
        held = parse_dockerfile_ast(instruction.original.strip().partition(" ")[2]).instructions
    except (DockerfileSyntaxError, RecursionError):
        return None
    if not held:
        return None
    held[0].start_line = instruction.start_line
    return held[0]


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise FaultyError(0, f"is larger than {MAX_BYTES // 2**10} KiB, which no Dockerfile is")
    if b"\0" in content:
        raise FaultyError(0, "is not text, expected a Dockerfile")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FaultyError(line, "holds bytes that are not UTF-8") from None


def _first_word(text: str, line: int) -> str:
    # Lines as the grammar counts them: a form feed ends none.
    words = text.split("\n")[line - 1].split(maxsplit=1) if line else []
    return spoken(words[0]) if words else ""


def _told(message: str, word: str) -> str:
    told = next((sentence for part, sentence in _ENDS_OF_WORDS if part in message), "{word} cannot be read")
    return told.format(word=word)


_MAY_BE_BARE: Final = frozenset({"CMD", "ENTRYPOINT", "ONBUILD", "RUN", "SHELL", "HEALTHCHECK", "VOLUME"})


def _refuse_empty(instruction: DockerfileInstruction) -> None:
    if not instruction.args and instruction.name not in _MAY_BE_BARE:
        raise FaultyError(instruction.start_line, f"{instruction.name} says nothing more")
