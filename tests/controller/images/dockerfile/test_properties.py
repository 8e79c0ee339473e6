"""What holds of every Dockerfile."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from gracekeeper.images.dockerfile import read_dockerfile
from gracekeeper.images.dockerfile.variables import Variables
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Unknown

LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"], exclude_characters=LINE_ENDS), max_size=20)
NAMES = st.sampled_from("FROM ARG ENV CMD ENTRYPOINT USER WORKDIR EXPOSE LABEL COPY ADD RUN SHELL ONBUILD X #".split())
PIECES = st.sampled_from(
    "a $ { } ${ $A ${A} ${A:-b} ${A:+b} ${A%b} \\ ` ' \" = , [ ] <<A - -- --from=0 / . .. * 80 8-9 AS python \t".split(
        " "
    )
)
REFERENCES = st.lists(
    st.sampled_from(
        ["$U", "${U}", "${U:-d}", "${U:+o}", "${U-d}", "${U+o}", "${U%x*}", "${U/x/y}", "$K", "'$U'", "a", " "]
    ),
    max_size=6,
).map("".join)


def read(content: bytes) -> ImageConfig | Problem:
    """Read a Dockerfile by its bytes, in a folder of its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "Dockerfile")
        path.write_bytes(content)
        return read_dockerfile(path, shown="Dockerfile")


@given(st.binary(max_size=200))
def test_every_file_is_read_or_told(content: bytes) -> None:
    """Nothing of what it holds makes us fail."""
    assert isinstance(read(content), ImageConfig | Problem)


@given(st.lists(st.tuples(NAMES, st.lists(PIECES, max_size=5)), max_size=8))
def test_every_heap_of_instructions_is_read_or_told(instructions: list[tuple[str, list[str]]]) -> None:
    """Whatever they are made of."""
    lines = [" ".join((name, *pieces)) for name, pieces in instructions]
    told = read("\n".join(["FROM python:3.12", *lines]).encode())
    assert isinstance(told, ImageConfig | Problem)
    assert not isinstance(told, Problem) or told.line <= len(lines) + 1


@given(st.lists(WORDS))
def test_a_list_of_words_is_taken_word_by_word(words: list[str]) -> None:
    """Whatever stands in them: no builder expands them."""
    told = read(f"FROM debian\nCMD {json.dumps(words)}".encode())
    assert isinstance(told, ImageConfig)
    assert told.command == tuple(words)


@given(WORDS)
def test_a_quoted_value_is_what_it_was(value: str) -> None:
    """Once the characters that mean something are escaped."""
    quoted = "".join(f"\\{each}" if each in '"$\\' else each for each in value)
    told = read(f'FROM debian\nENV X="{quoted}"\nCMD true'.encode())
    assert isinstance(told, ImageConfig)
    assert told.environment["X"] == value


@given(REFERENCES, st.sampled_from(["", "x", "xyz", "a b", "$K"]))
def test_what_is_told_holds_whatever_is_unknown(text: str, value: str) -> None:
    """A text with a variable that a base may set is either unknown, or the same for every value."""
    told = Variables(environment={"K": "k"}, unseen=Unknown("a base may set it")).expand(text, 1)
    if isinstance(told, str):
        assert told == Variables(environment={"K": "k", "U": value}).expand(text, 1)
        assert told == Variables(environment={"K": "k"}).expand(text, 1)


@given(REFERENCES, st.sampled_from(["", "x", "xyz"]))
def test_a_given_argument_is_as_good_as_a_variable(text: str, value: str) -> None:
    """Of the same value."""
    arguments = Variables(arguments={"U": value}).expand(text, 1)
    assert arguments == Variables(environment={"U": value}).expand(text, 1)
