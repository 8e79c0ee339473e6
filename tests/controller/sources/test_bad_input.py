"""Bad input gives one clear sentence with its place, the rest is still read, and nothing takes long or crashes."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper.sources.input import Input, read
from gracekeeper.sources.readings import readings

ReadStdin = Callable[[str | bytes], Input]

GOOD = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\n"
HEAD = "apiVersion: v1\nkind: Pod\n"
RENDER = "render it first, as in `helm template … | gracekeeper check -`"

BROKEN: Final[dict[str, tuple[str | bytes, tuple[int, int, str]]]] = {
    "a key behind a value": (
        HEAD + "metadata: web\n  name: x\n",
        (4, 7, "found `: ` inside a value; indent the line like its neighbours, or put the value in quotes"),
    ),
    "a key left of its neighbours": (
        HEAD + "spec:\n    a: 1\n  b: 2\n",
        (5, 3, "expected a key in the column of the ones before it"),
    ),
    "a line that is no key": (HEAD + "spec\n", (3, 1, "expected `: ` behind this key")),
    "a tab": (HEAD + "metadata:\n\tname: x\n", (4, 1, "found a tab; YAML indents with spaces only")),
    "a list that stays open": (
        HEAD + "args: [a, b\n",
        (4, 1, "expected `,` or `]`: the list opened by `[` is not closed"),
    ),
    "a mapping that stays open": (
        HEAD + "metadata: {name: a\n",
        (4, 1, "expected `,` or `}`: the mapping opened by `{` is not closed"),
    ),
    "a quotation that stays open": (
        HEAD + 'metadata: {name: "a}\n',
        (3, 18, "the quotation mark that opens this text is never closed"),
    ),
    "an unknown escape": (
        HEAD + 'metadata: {name: "\\d"}\n',
        (3, 19, r"found an escape that YAML does not know; write `\\` for a backslash"),
    ),
    "an at sign": (
        HEAD + "image: @web\n",
        (3, 8, "found `@`, with which no plain value can start; put the value in quotes"),
    ),
    "a duplicate key": (
        HEAD + "spec:\n  a: 1\n  b: 2\n  a: 3\n",
        (6, 3, "the key `a` is set twice in one mapping, first on line 4"),
    ),
    "a key that is a mapping": (
        HEAD + "spec:\n  {a: b}: c\n",
        (4, 3, "a key has to be text, found a mapping; a value that starts with `{` or `[` needs quotes"),
    ),
    "a key that is a list": (
        HEAD + "spec:\n  ? [a]\n  : c\n",
        (4, 5, "a key has to be text, found a list; a value that starts with `{` or `[` needs quotes"),
    ),
    "a null key": (HEAD + "~: c\n", (3, 1, "a key has to be text, found nothing (null); put it in quotes")),
    "NaN": (
        HEAD + "spec: {a: .nan}\n",
        (3, 11, "found a number that JSON and Kubernetes cannot hold; put it in quotes if it is text"),
    ),
    "a tag that lies": (
        HEAD + "spec: {a: !!int web}\n",
        (3, 11, "the value is not of the type !!int that its tag names"),
    ),
    "binary data in a tag": (
        HEAD + "spec: {a: !!binary aGk=}\n",
        (3, 11, "Kubernetes takes no !!binary; write it as a plain string in quotes"),
    ),
    "an alias without its anchor": (
        HEAD + "spec: *base\n",
        (3, 7, "found an alias (`*`) without its anchor before it; put text in quotes"),
    ),
    "an anchor inside itself": (
        HEAD + "spec: &a [*a]\n",
        (3, 11, "found an alias (`*`) inside the value that it stands for"),
    ),
    "a merge of text": (HEAD + "<<: web\n", (3, 5, "a merge (`<<`) takes a mapping or a list of mappings")),
    "a merge below its key": (
        HEAD + "spec: {a: 1, <<: {a: 2}}\n",
        (3, 14, "the merge brings the key `a` again; put `<<` above it: it is set on line 3"),
    ),
    "a list at the top": (
        "- apiVersion: v1\n  kind: Pod\n",
        (1, 1, "found a list, expected a Kubernetes object: a mapping with `apiVersion` and `kind`"),
    ),
    "text at the top": (
        "# no object\nweb\n",
        (2, 1, "found a text, expected a Kubernetes object: a mapping with `apiVersion` and `kind`"),
    ),
    "a number at the top": (
        "8080\n",
        (1, 1, "found a number, expected a Kubernetes object: a mapping with `apiVersion` and `kind`"),
    ),
    "no kind": ("apiVersion: v1\n", (1, 1, "found a mapping without `kind`, which every Kubernetes object has")),
    "neither version nor kind": (
        "a: 1\n",
        (1, 1, "found a mapping without `apiVersion` and `kind`, which every Kubernetes object has"),
    ),
    "a kind that is a number": (
        "apiVersion: v1\nkind: 5\n",
        (2, 1, "`kind` is a number, expected text such as `Deployment`"),
    ),
    "an item that is text": (
        "apiVersion: v1\nkind: List\nitems:\n- web\n",
        (4, 3, "found a text, expected a Kubernetes object: a mapping with `apiVersion` and `kind`"),
    ),
    "an item without a kind": (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n",
        (4, 3, "found a mapping without `kind`, which every Kubernetes object has"),
    ),
    "a control character": (
        HEAD + "image: a\x1bb\n",
        (3, 9, "found the character U+001B, which YAML does not allow in a text"),
    ),
    "a Helm template": (
        HEAD + "{{- if .Values.x }}\nspec: {}\n{{- end }}\n",
        (3, 1, f"found `{{{{` of a template that is not rendered: {RENDER}"),
    ),
    "a Helm value": (
        HEAD + "replicas: {{ .Values.replicas }}\n",
        (3, 11, f"found `{{{{` of a template that is not rendered: {RENDER}"),
    ),
    "a Jinja template": (
        HEAD + "{% if x %}\nspec: {}\n{% endif %}\n",
        (3, 1, f"found `{{%` of a template that is not rendered: {RENDER}"),
    ),
    "a fault far from a brace": (
        HEAD + "args: ['{{x}}']\nspec:\n  a: 1\n\n\n\n  b\n",
        (9, 3, f"expected `: ` behind this key; if it is a template: {RENDER}"),
    ),
    "a directive": (
        "%YAML 1.1\n",
        (1, 1, "found the directive `%YAML`, which kubectl takes for a document of its own; delete the line"),
    ),
    "a document behind three dots": (
        GOOD + "...\na: 1\n",
        (5, 1, "found text behind the end of the document; put `---` between"),
    ),
    "JSON with a duplicate key": (
        '{"apiVersion": "v1",\n "kind": "Pod",\n "kind": "Pod"}\n',
        (3, 2, "the key `kind` is set twice in one mapping, first on line 2"),
    ),
    "JSON that stays open": ('{"apiVersion": "v1",\n "kind": "Pod"\n', (3, 1, "expected `,` or the closing bracket")),
    "JSON without a colon": ('{"apiVersion" "v1"}', (1, 15, "expected `:` behind the key")),
    "JSON with NaN": ('{"a": NaN}', (1, 7, "found a number that JSON and Kubernetes cannot hold")),
    "JSON with a huge number": ('{"a": 1e999}', (1, 7, "found a number that JSON and Kubernetes cannot hold")),
    "JSON with half a character": (
        '{"a": "\\ud83d"}',
        (1, 8, "found `\\ud83d`, half of a surrogate pair without its other half"),
    ),
    "UTF-16": (
        HEAD.encode("utf-16"),
        (1, 1, "is UTF-16; Kubernetes manifests are UTF-8: save the file as UTF-8"),
    ),
    "UTF-16 without its mark": (
        HEAD.encode("utf-16-be"),
        (1, 1, "is UTF-16; Kubernetes manifests are UTF-8: save the file as UTF-8"),
    ),
    "UTF-32": (
        HEAD.encode("utf-32"),
        (1, 1, "is UTF-32; Kubernetes manifests are UTF-8: save the file as UTF-8"),
    ),
    "binary": (
        b"\x7fELF\x02\x01\n\x01\x00" + b"a" * 99,
        (2, 2, "found a zero byte: this is binary; Kubernetes manifests are UTF-8 text"),
    ),
    "Latin-1": (
        b"a: 1\nb: caf\xe9\n",
        (2, 7, "found the byte 0xE9, which is not UTF-8; Kubernetes manifests are UTF-8"),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_named_with_its_place(name: str, read_stdin: ReadStdin) -> None:
    """Each fault gives exactly one problem: line, column, what was found and what was expected."""
    content, place = BROKEN[name]

    assert [place] == [(found.line, found.column, found.message) for found in read_stdin(content).problems]


@pytest.mark.parametrize("name", [name for name, (content, _) in BROKEN.items() if isinstance(content, str)])
def test_neighbours_of_a_broken_document_are_read(name: str, read_stdin: ReadStdin) -> None:
    """The documents before and after a broken one come out, and its fault keeps its place."""
    content, (line, column, _) = BROKEN[name]
    assert isinstance(content, str)

    found = read_stdin(
        f"{GOOD}---\n{content}---\n{GOOD}" if content.endswith("\n") else f"{GOOD}---\n{content}\n---\n{GOOD}"
    )

    names = [document.metadata.get("name") for document in found.documents]
    assert (names[0], names[-1]) == ("good", "good")
    assert [(line + 4, column)] == [(problem.line, problem.column) for problem in found.problems]


def test_a_broken_separator_is_named(read_stdin: ReadStdin) -> None:
    """What kubectl does not allow behind `---` is a problem of its own."""
    found = read_stdin(f"{GOOD}--- # fine\n{GOOD}---- \n{GOOD}")

    message = "found text behind the separator `---`, where kubectl takes only a comment"
    assert [(8, 1, message)] == [(problem.line, problem.column, problem.message) for problem in found.problems]
    assert len(found.documents) == 3


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n", "---\n---\n", "\ufeff", "null\n"])
def test_empty_input_is_said(content: str, read_stdin: ReadStdin) -> None:
    """Input without any document is told apart from broken input: `--allow-empty` lets it pass."""
    found = read_stdin(content)

    assert found.problems == ()
    assert [str(empty) for empty in found.empty] == ["-:1:1: is empty, expected at least one Kubernetes object"]


DEEP = 20_000
TOO_DEEP = "nested more than 200 levels deep, which no Kubernetes object is"
HEAVY: Final[dict[str, tuple[str, tuple[int, int, str] | None]]] = {
    "a ten-megabyte line": (HEAD + f"data: {'x' * 10_000_000}\n", None),
    "a ten-megabyte quotation": (HEAD + f'data: "{"x" * 10_000_000}"\n', None),
    "ten megabytes of spaces": (HEAD + " " * 10_000_000 + "\n", None),
    "ten megabytes of dashes": (HEAD + "data: " + "-" * 10_000_000 + "\n", None),
    "deep lists": (HEAD + "data: " + "[" * DEEP + "]" * DEEP + "\n", (3, 206, TOO_DEEP)),
    "deep lists that stay open": (HEAD + "data: " + "[" * DEEP, (3, 206, TOO_DEEP)),
    "deep mappings": (HEAD + "data: " + "{a: " * DEEP + "}" * DEEP + "\n", (3, 803, TOO_DEEP)),
    "deep blocks": (HEAD + "data:\n" + "- " * DEEP + "x\n", (4, 399, TOO_DEEP)),
    "deep JSON": ('{"a":' + "[" * DEEP + "]" * DEEP + "}", (1, 205, TOO_DEEP)),
    "deep JSON that stays open": ('{"a":' + "[" * DEEP, (1, 205, TOO_DEEP)),
    "a billion laughs": (
        HEAD + "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
        (7, 5, "found aliases that repeat each other to more than 3150 values; write the values out"),
    ),
    "a tower of aliases": (
        HEAD + "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5000)),
        (202, 14, TOO_DEEP),
    ),
    "many documents": (GOOD + f"---\n{GOOD}" * 2000, None),
    "many anchors": (HEAD + "data: [" + "&a x, *a, " * 20_000 + "]\n", None),
    "many colons": (HEAD + "data: " + "a:" * 500_000 + "a\n", None),
    "many quotation marks": (
        HEAD + "data: " + "'" * 1_000_001 + "\n",
        (3, 7, BROKEN["a quotation that stays open"][1][2]),
    ),
    "a million-digit number": (HEAD + f"data: {'1' * 1_000_000}\n", None),
    "a million-digit number in JSON": (
        f'{{"a": {"1" * 1_000_000}}}',
        (1, 7, "found a number that JSON and Kubernetes cannot hold"),
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_input_is_read_or_refused_in_bounded_time(name: str, read_stdin: ReadStdin) -> None:
    """What is made to exhaust a parser costs seconds at most and crashes nothing."""
    content, place = HEAVY[name]
    started = time.process_time()

    problems = [(problem.line, problem.column, problem.message) for problem in read_stdin(content).problems]

    assert problems == ([place] if place else [])
    assert time.process_time() - started < 5


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_no_input_raises(data: bytes) -> None:
    """Whatever comes in, problems come out and no exception."""
    read(["-"], stdin=BytesIO(data))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_lines_raise(data: st.DataObject, manifest_lines: st.SearchStrategy[str]) -> None:
    """Whatever lines stand together, reading them gives documents or faults that lie within the text."""
    text = data.draw(manifest_lines)

    for reading in readings(text):
        fault = getattr(reading, "fault", None)
        assert fault is None or 0 <= fault.offset <= len(text)


def test_json_before_a_broken_object_is_read(read_stdin: ReadStdin) -> None:
    """In a row of JSON objects the first ones come out, and the fault of the broken one keeps its place."""
    found = read_stdin('{"apiVersion": "v1", "kind": "Pod"}\n{"apiVersion": }\n')

    assert len(found.documents) == 1
    assert [(problem.line, problem.column, problem.message) for problem in found.problems] == [
        (2, 16, "expected a value")
    ]


def test_braces_in_a_sound_text_are_no_template(read_stdin: ReadStdin) -> None:
    """Argo and others keep `{{x}}` in their values: another fault beside it stays what it is."""
    found = read_stdin(HEAD + "args: ['{{x}}']\nspec: 1\nspec: 2\n")

    assert [problem.message for problem in found.problems] == [
        "the key `spec` is set twice in one mapping, first on line 4"
    ]
