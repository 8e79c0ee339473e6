"""A finding's path leads to a line and a column, whatever the manifest is written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper.sources.input import Input, read
from gracekeeper.sources.positions import Locator, Span
from gracekeeper.sources.readings import Read, readings

if TYPE_CHECKING:
    from pathlib import Path

ReadStdin = Callable[[str | bytes], Input]

PLAIN = """\
# a comment
apiVersion: v1
kind: Pod
metadata: {}   # nothing
spec:
  containers:
  - name: web  # the server
    command: [gunicorn, "app:app"]
    args:
      - --port=80
      -   last
  - env:
    - name: "A"
  script: |  # text
    line
"""

WHOLE = """\
apiVersion: v1
kind: Pod
base: &base
  image: web
spec:
  containers:
  - &first
    name: web
    <<: *base
  - *first
  - {name: "a
      b", args: [x,
      y]}
  text: >
    folded
  "quoted" : 'it
    goes on'
  empty:
"""

JSON = """\
{
  "apiVersion": "v1", "kind": "Pod",
  "spec": {
    "containers": [
      {"name": "w\\"eb", "args": ["a", {"b": 1}]},
      {}
    ],
    "list": []
  }
}
"""

PLACES = {
    "plain": (
        PLAIN,
        [
            ((), "apiVersion: v1", 2, 1),
            (("kind",), "kind: Pod", 3, 1),
            (("metadata",), "metadata: {}", 4, 1),
            (("spec",), "spec:", 5, 1),
            (("spec", "containers"), "containers:", 6, 3),
            (("spec", "containers", 0), "name: web", 7, 5),
            (("spec", "containers", 0, "name"), "name: web", 7, 5),
            (("spec", "containers", 0, "command"), 'command: [gunicorn, "app:app"]', 8, 5),
            (("spec", "containers", 0, "command", 1), '"app:app"', 8, 25),
            (("spec", "containers", 0, "args", 0), "--port=80", 10, 9),
            (("spec", "containers", 0, "args", 1), "last", 11, 11),
            (("spec", "containers", 1), "env:", 12, 5),
            (("spec", "containers", 1, "env", 0, "name"), 'name: "A"', 13, 7),
            (("spec", "script"), "script: |", 14, 3),
        ],
    ),
    "anchors, merges and long values": (
        WHOLE,
        [
            ((), "apiVersion: v1", 1, 1),
            (("base",), "base: &base", 3, 1),
            (("spec", "containers", 0), "&first", 7, 5),
            (("spec", "containers", 0, "name"), "name: web", 8, 5),
            (("spec", "containers", 0, "image"), "image: web", 4, 3),
            (("spec", "containers", 1), "*first", 10, 5),
            (("spec", "containers", 1, "name"), "name: web", 8, 5),
            (("spec", "containers", 1, "image"), "image: web", 4, 3),
            (("spec", "containers", 2), '{name: "a', 11, 5),
            (("spec", "containers", 2, "name"), 'name: "a', 11, 6),
            (("spec", "containers", 2, "args", 1), "y", 13, 7),
            (("spec", "text"), "text: >", 14, 3),
            (("spec", "quoted"), '"quoted" : \'it', 16, 3),
            (("spec", "empty"), "empty:", 18, 3),
        ],
    ),
    "JSON": (
        JSON,
        [
            ((), "{", 1, 1),
            (("kind",), '"kind": "Pod"', 2, 23),
            (("spec", "containers"), '"containers": [', 4, 5),
            (("spec", "containers", 0), '{"name": "w\\"eb", "args": ["a", {"b": 1}]}', 5, 7),
            (("spec", "containers", 0, "args", 1, "b"), '"b": 1', 5, 40),
            (("spec", "containers", 1), "{}", 6, 7),
            (("spec", "list"), '"list": []', 8, 5),
        ],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_path_leads_to_its_key_or_item(name: str, read_stdin: ReadStdin) -> None:
    """Spans cover the key and the value of an entry, or the item, as far as they stand on the first line."""
    text, places = PLACES[name]
    found = read_stdin(text)
    (document,) = found.documents

    for path, piece, line, column in places:
        span = found.locate(document, path)
        assert (path, Span(line, column, column + len(piece))) == (path, span)
        assert span is not None
        assert piece == found.line_text("-", line)[span.column - 1 : span.end_column - 1]
        assert span.line == span.end_line


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("path", "ancestor"),
    [
        (("spec", "missing", "deeper"), ("spec",)),
        (("spec", "containers", 9, "name"), ("spec", "containers")),
        (("spec", "containers", "name"), ("spec", "containers")),
        (("kind", "below", 0), ("kind",)),
        (("missing",), ()),
        ((0,), ()),
    ],
)
def test_a_path_that_ends_early_leads_to_its_deepest_ancestor(
    name: str, path: tuple[str | int, ...], ancestor: tuple[str | int, ...], read_stdin: ReadStdin
) -> None:
    """What is missing is reported where it would belong."""
    found = read_stdin(PLACES[name][0])
    (document,) = found.documents

    assert found.locate(document, ancestor) == found.locate(document, path)


def test_documents_count_their_lines_from_the_top_of_the_file(read_stdin: ReadStdin) -> None:
    """Separators, byte order mark, Windows line ends, broken neighbours and JSON in a row do not shift a line."""
    texts = [
        "\ufeff# c\r\n",
        PLAIN.replace("\n", "\r\n"),
        "a: [\n",
        "# none\n",
        WHOLE,
        '{"apiVersion": 1} {"kind":\n2}\n',
    ]
    found = read_stdin("---\n".join(texts))

    spans = [found.locate(document, ("kind",)) for document in found.documents]

    assert [span and span.line for span in spans] == [5, 24]


def test_objects_of_one_json_line_have_columns_of_their_own(read_stdin: ReadStdin) -> None:
    """Several objects may stand on one line."""
    one = '{"apiVersion": "v1", "kind": "Pod"}'
    found = read_stdin(f"{one} {one}\n{one}")

    assert [Span(1, 22, 35), Span(1, 58, 71), Span(2, 22, 35)] == [
        found.locate(document, ("kind",)) for document in found.documents
    ]


def test_items_of_a_list_are_found_from_their_own_object(read_stdin: ReadStdin) -> None:
    """A path starts at the object, also where that is the item of a List."""
    found = read_stdin(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- kind: Job\n  apiVersion: v1\n"
    )

    assert [Span(5, 3, 12), Span(6, 3, 12)] == [found.locate(document, ("kind",)) for document in found.documents]


@pytest.fixture
def without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept, as of the last of thousands of files."""
    monkeypatch.setattr("gracekeeper.sources.texts._ROOM", 0)


def test_places_are_those_of_the_text_that_was_read(tmp_path: Path) -> None:
    """Whatever becomes of the file meanwhile."""
    file = tmp_path / "pod.yaml"
    file.write_text(PLAIN)
    found = read([str(file)])
    before = found.locate(found.documents[0], ("kind",))

    file.unlink()

    assert before is not None
    assert before == found.locate(found.documents[0], ("kind",))


@pytest.mark.usefixtures("without_room")
def test_a_file_that_changed_gives_no_place(tmp_path: Path) -> None:
    """A place in a text that is no longer there would point at the wrong line."""
    file = tmp_path / "pod.yaml"
    file.write_text(PLAIN)
    found = read([str(file)])

    file.write_text("# gone\n" + PLAIN)

    assert found.locate(found.documents[0], ("kind",)) is None
    assert found.line_text(found.documents[0].origin, 1) == ""


@pytest.mark.usefixtures("without_room")
def test_a_file_that_vanished_gives_no_place(tmp_path: Path) -> None:
    """A report is written even when a file is gone by then."""
    file = tmp_path / "pod.yaml"
    file.write_text(PLAIN)
    found = read([str(file)])

    file.unlink()

    assert found.locate(found.documents[0]) is None


def test_every_path_of_the_corpus_has_a_place(manifests: dict[str, str]) -> None:
    """In real manifests each entry is found on the line that holds its key."""
    for text in manifests.values():
        for reading in readings(text):
            assert isinstance(reading, Read)
            locator, lines = Locator(text, reading.extent), text.split("\n")
            for path in keys(reading.values, ()):
                span = locator.find(path)
                assert str(path[-1]) in lines[span.line - 1][span.column - 1 : span.end_column - 1]


@settings(deadline=None)
@given(data=st.data(), path=st.lists(st.sampled_from(["a", "b", "name", "c", 0, 1, 2]), max_size=5))
def test_no_path_raises(data: st.DataObject, path: list[str | int], manifest_lines: st.SearchStrategy[str]) -> None:
    """Whatever is asked of whatever could be read, there is an answer within the text."""
    text = data.draw(manifest_lines)
    for reading in readings(text):
        if isinstance(reading, Read):
            span = Locator(text, reading.extent).find(tuple(path))
            assert 1 <= span.line <= text.count("\n") + 1
            assert 1 <= span.column <= span.end_column


def keys(value: object, base: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    """All paths that end in a key."""
    if isinstance(value, list):
        return [path for number, item in enumerate(value) for path in keys(item, (*base, number))]
    if isinstance(value, dict):
        return [path for key, item in value.items() for path in [(*base, key), *keys(item, (*base, key))]]
    return []
