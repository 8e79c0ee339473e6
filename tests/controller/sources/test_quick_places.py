"""The quick way to a place leads where the whole parser's does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper.sources import quick_yaml
from gracekeeper.sources.quick_places import QuickPlaces
from gracekeeper.sources.yaml_places import YAMLPlaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.document import Path

KEYS = ["a", "b", "'k'", '"k"', "a b", "a:b", "a#b", 'a"b', '"x\\ty"', "it's", "'it''s'", "-a", "a.b/c"]
VALUES = [
    *(
        "",
        "x",
        "# c",
        "x # c",
        "'x'  # c",
        '"y"',
        "|",
        "|-",
        ">",
        "x w",
        "x\n      more",
        "x:w",
        "x#w",
        "'it''s'",
        '"a\\"b"',
    ),
    *(
        "[]",
        "{}",
        "[a, b]",
        "{a: b}",
        "{a: {b: c}}",
        "[a, [b, {c: d}]]",
        '["a", b]',
        "http://x",
        "''",
        '"a\\"b"',
        "\n\n",
    ),
    *(
        "[a:b, 'c d', x w]",
        "[a , b ]",
        "[-a, b:c, d]",
        "['a, b', \"]\"]",
        "[a, 'b' ]",
        "[ a]",
        "[a, b,]",
        "[a, {b: c}]",
    ),
    *("-", "- a", "- a: b", "- - a", "-  a: b", "- # c", '"a\n  b: c"'),
]

lines = st.tuples(
    st.sampled_from(["", "", "", "  ", "  ", "    "]),
    st.sampled_from(["", "", "- "]),
    st.sampled_from(KEYS),
    st.sampled_from([": ", ":  ", " : "]),
    st.sampled_from(VALUES),
).map("".join)


def paths(value: object, base: Path = ()) -> Iterator[Path]:
    """Every path into a value, and some that lead nowhere."""
    yield from (base, (*base, "nowhere"), (*base, 7), (*base, -1), (*base, 0, 0))
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from paths(item, (*base, number))
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*base, key))


def assert_same(text: str) -> bool:
    """Both ways lead to the same places; gives whether the quick way is taken."""
    values, quick = quick_yaml.read(text), QuickPlaces.of(text)
    if values is None or quick is None:
        return False
    whole = YAMLPlaces(text)
    for path in paths(values):
        assert whole.find(path) == quick.find(path), path
    return True


def test_places_in_real_manifests(manifests: dict[str, str]) -> None:
    """On the corpus both agree for every path, and the quick way is taken by most of it."""
    documents = [document for text in manifests.values() for document in text.split("\n---\n")]
    taken = [assert_same(document if document.endswith("\n") else document + "\n") for document in documents]

    assert sum(taken) > 0.6 * len(taken)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_places_in_stretches_of_real_manifests(data: st.DataObject, manifests: dict[str, str]) -> None:
    """On real lines with others among them both agree."""
    whole = data.draw(st.sampled_from([*manifests.values()])).split("\n")
    start = data.draw(st.integers(0, len(whole) - 1))
    part = whole[start : start + 25]
    for line in data.draw(st.lists(lines, max_size=3)):
        part.insert(data.draw(st.integers(0, len(part))), line)

    assert_same("\n".join(part) + "\n")


@settings(max_examples=1000, deadline=None)
@given(st.lists(lines, min_size=1, max_size=7))
def test_places_in_any_lines(drawn: list[str]) -> None:
    """On lines put together at random both agree."""
    assert_same("\n".join(drawn) + "\n")


@pytest.mark.parametrize(
    "text",
    [
        'a:\n  b: "c\n  d: e"\n  d: f\n',
        "a:\n  b: 'c\n\n  d: e'\n",
        '"a\n  b": c\n',
    ],
    ids=["double quotes", "single quotes", "a quoted key"],
)
def test_what_may_look_like_anything_is_left_alone(text: str) -> None:
    """A line of a quotation may look like a key."""
    assert QuickPlaces.of(text) is None
