"""The quick reader accepts only what it reads as the whole parser does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Final

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper.sources import quick_yaml, yaml_nodes, yaml_values
from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.scalars import json_number

SCALARS: Final[list[str]] = json.loads(Path(__file__).with_name("awkward_scalars.json").read_text("utf-8"))
DOCUMENTS: Final[list[str]] = json.loads(Path(__file__).with_name("awkward_documents.json").read_text("utf-8"))

SHAPES: Final = [
    "k: {}\n",
    "k: {} # c\n",
    "k:\n  {}\n",
    "k: {}\n  b\n",
    "k:\n- {}\n- x\n",
    "k: [{}, x]\n",
    "k: [x,{}]\n",
    "k: [\n{}\n]\n",
    "k: {{a: {}}}\n",
    "k: {{a: b, {}: c}}\n",
    '{{"k":{}}}\n',
    "{}: x\n",
    "k: +{}\n",
    "k: -{}\n",
    'k: "{}"\n',
    "k: '{}'\n",
    "k: |\n  {}\n",
    "k: |2\n  {}\n",
    "k: >\n  {}\n  b\n\n  c\n",
    "k: >-\n\n  {}\n   b\n",
    "k: {}\n---\na: b\n",
    "k: b\n...\n{}\n",
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15).map(json_number) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
json_documents = st.dictionaries(st.sampled_from("abc"), json_values, min_size=1)


def whole(text: str) -> object:
    """Read with the whole parser only."""
    return yaml_values.values(yaml_nodes.compose(text))


def assert_same(text: str) -> bool:
    """Where the quick reader accepts a text, the whole parser reads the same; gives whether it does."""
    values = quick_yaml.read(text)
    assert values is None or repr(whole(text)) == repr(values)
    return values is not None


def test_real_manifests_read_the_same_either_way(manifests: dict[str, str]) -> None:
    """On the corpus both readers agree, and the quick one takes most of it."""
    accepted = [assert_same(text if text.endswith("\n") else text + "\n") for text in manifests.values()]

    assert sum(accepted) > 0.7 * len(accepted)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_real_manifests_with_slips_read_the_same_either_way(data: st.DataObject, manifests: dict[str, str]) -> None:
    """On real lines with something put in, taken out or overwritten both readers agree."""
    lines = data.draw(st.sampled_from([*manifests.values()])).split("\n")
    start = data.draw(st.integers(0, len(lines) - 1))
    text = "\n".join(lines[start : start + 20])
    place = data.draw(st.integers(0, len(text)))
    slip = data.draw(st.sampled_from([*" \n:-#'\"[]{},|>&*!?%@`=~<.+_0eExy\t\\é", ": ", "- ", "\n  ", " #", *SCALARS]))
    taken = data.draw(st.integers(0, 3))

    assert_same(text[:place] + slip + text[place + taken :] + "\n")


@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_any_lines_read_the_same_either_way(data: st.DataObject, manifest_lines: st.SearchStrategy[str]) -> None:
    """On lines put together at random both readers agree, or the quick one leaves the text to the other."""
    assert_same(data.draw(manifest_lines))


@pytest.mark.parametrize("shape", SHAPES)
def test_awkward_scalars_read_the_same_either_way(shape: str) -> None:
    """A scalar in any place of a document is read the same by both, or left to the whole parser."""
    for scalar in SCALARS:
        assert_same(shape.format(scalar))


def test_every_spelling_of_a_number_reads_the_same_either_way() -> None:
    """All texts of up to four characters that numbers are written with."""
    spellings = ["".join(letters) for length in range(1, 5) for letters in product("0189xobeE_.+-", repeat=length)]
    taken = [text for text in spellings if assert_same(f"k: {text}\n")]

    assert len(taken) > 1000


def test_awkward_documents_read_the_same_either_way() -> None:
    """Indentation, blocks, merges and separators are read the same by both, or left to the whole parser."""
    for text in DOCUMENTS:
        assert_same(text.replace("\r\n", "\n"))


@settings(max_examples=300, deadline=None)
@given(
    json_documents,
    st.sampled_from([True, False, None]),
    st.sampled_from([None, '"', "'", "|", ">"]),
    st.sampled_from([20, 80, 1000]),
)
def test_dumped_values_read_the_same_either_way(
    value: object, flow: bool | None, style: str | None, width: int
) -> None:
    """What PyYAML writes, in any of its styles, both readers read the same."""
    assert_same(yaml.dump(value, default_flow_style=flow, default_style=style, allow_unicode=True, width=width))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a: 1\nb:\n- x\n- c: 2\n  d: [p, 'q']\n", {"a": 1, "b": ["x", {"c": 2, "d": ["p", "q"]}]}),
        ("a: |\n  w\n    x\n\n  z\n\n# end\nb: {}\n", {"a": "w\n  x\n\nz\n", "b": {}}),
        ("a: >-\n  w\n  x\nb: ~\nc: # later\nd: 'it''s'  # why\n", {"a": "w x", "b": None, "c": None, "d": "it's"}),
        ('args: ["-c", "echo \\"a\\"\\n", --bind=[::]:80]\n', None),
        ('command: ["sh", "-c", "exec a && b | c > d"]\n', {"command": ["sh", "-c", "exec a && b | c > d"]}),
        ("image: 'x:3.07'\nport: \"0080\"\nat: 2024-01-05\n", {"image": "x:3.07", "port": "0080", "at": "2024-01-05"}),
        (
            "a: [b, c]\nd: {cpu: 500m, e: {drop: [ALL]}}\n",
            {"a": ["b", "c"], "d": {"cpu": "500m", "e": {"drop": ["ALL"]}}},
        ),
        ("a: true\nb: 0.5\nc: -1\nd: 999999999999999999\n", {"a": True, "b": 0.5, "c": -1, "d": 10**18 - 1}),
    ],
    ids=[
        "mappings and lists",
        "block",
        "folded text and comments",
        "a bracket in a list",
        "a shell's signs",
        "numbers in quotes",
        "lists and mappings on one line",
        "numbers",
    ],
)
def test_plain_text_needs_no_other_parser(text: str, values: object) -> None:
    """What manifests are made of is taken."""
    assert values == quick_yaml.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\n",
        "a: *x\n",
        "a: !!str 1\n",
        "a: !\n",
        'a: "\\x41"\n',
        "a: 1\na: 2\n",
        "a:\tb\n",
        "a: b\u2028c\n",
        "<<: {}\n",
        "yes: 1\n",
        "a: on\n",
        "1: a\n",
        "null: a\n",
        "a: .nan\n",
        "a: 1.0\n",
        "a: 1e3\n",
        "a: 017\n",
        "a: [017]\n",
        "a: 0x1F\n",
        "a: 0o17\n",
        "a: 1_000\n",
        "a: _1\n",
        "a: -_1\n",
        "a: -0_x1F\n",
        "a: 9223372036854775808\n",
        "a: |+\n  x\n",
        "a: |2\n  x\n",
        "a: |\n",
        "a: [b:]\n",
        "? a\n",
        "a\n",
        "- a\n",
        "a: 1\n b: 2\n",
        "---\na: 1\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "# nothing\n",
        f"a:\n{' ' * 64}b: c\n",
    ],
)
def test_doubt_leaves_the_text_to_the_whole_parser(text: str) -> None:
    """What the library reads differently, or could, is not taken."""
    assert quick_yaml.read(text) is None


@pytest.mark.parametrize(
    "text",
    ["- " * 50_000, "a: " + "[" * 50_000, "? " * 50_000, "".join(" " * (n % 3000) + "-\n" for n in range(3000))],
    ids=["dashes", "brackets", "question marks", "steps"],
)
def test_depth_never_reaches_the_library(text: str) -> None:
    """Its stack is not ours to overflow: a crash would take the process along."""
    program = "import sys; from gracekeeper.sources import quick_yaml; print(quick_yaml.read(sys.stdin.read()))"
    done = subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True)

    assert done.stdout == "None\n"


@pytest.mark.parametrize(
    "piece",
    ['["- [", "', "- { a", "[a, ", '{"a": ', "a: |\n", "x: 0", "&& ", "1.", "\\n", "- [a]\n", "a:\n", "\n  b", "# c\n"],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    """A megabyte that is made to confuse the patterns or the library is read or refused at once."""
    started = time.process_time()

    quick_yaml.read(f"a:\n- {piece * (1_000_000 // len(piece))}\n")

    assert time.process_time() - started < 2


def test_two_documents_share_no_container() -> None:
    """Each reading makes lists of its own."""
    first, second = quick_yaml.read("a: [b]\n"), quick_yaml.read("a: [b]\n")

    assert first
    first["a"] = ["c"]

    assert second == {"a": ["b"]}


@settings(deadline=None)
@given(json_values)
def test_any_value_survives_json_and_yaml(value: object) -> None:
    """What is written as JSON, and read as YAML, comes back."""
    try:
        got = whole(json.dumps(value) + "\n")
    except MalformedError:
        return  # a key beyond 1024 characters, a surrogate, a number that YAML spells differently
    assert json.loads(json.dumps(value)) == got
