"""Edits change what is meant and nothing else, in the style of what stands around it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper.sources.edits import Edit, Passage
from gracekeeper.sources.positions import Locator
from gracekeeper.sources.readings import Read, readings

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path

POD: Final = """\
# a pod
kind: Pod
spec:
  containers:
  - name: web  # the only one
    image: "shop/web"
    resources: {}
    env:
    - name: A
      value: a
    - {name: B, value: b}
    securityContext:
      # hardened later
      privileged: true
    args: [--workers=2, "--bind", ':8000']
  hostNetwork: true"""
WEB: Final = ("spec", "containers", 0)


def passage(text: str, number: int = 0) -> Passage:
    """One document of a text."""
    found = [each for each in readings(text) if isinstance(each, Read)][number]
    return Passage(text, found.extent, Locator(text, found.extent))


def applied(edit: Edit | None, text: str) -> str:
    """The text after an edit."""
    assert edit is not None
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: edit.line - 1]) + edit.column - 1
    end = sum(len(line) + 1 for line in lines[: edit.end_line - 1]) + edit.end_column - 1
    return text[:start] + edit.text + text[end:]


def values(text: str) -> Any:  # noqa: ANN401 - whatever a document holds
    """What is read out of a text."""
    [found] = readings(text)
    assert isinstance(found, Read)
    return found.values


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("spec", "hostNetwork"), False, "hostNetwork: true", "hostNetwork: false"),
        ((*WEB, "image"), "shop/web:1.4.2", 'image: "shop/web"', "image: shop/web:1.4.2"),
        ((*WEB, "name"), "true", "name: web  # the only one", 'name: "true"  # the only one'),
        ((*WEB, "env", 1, "value"), "1", "value: b}", 'value: "1"}'),
        ((*WEB, "args", 0), "--workers=3", "--workers=2", "--workers=3"),
        ((*WEB, "args", 2), ":80", "':8000'", '":80"'),
        ((*WEB, "resources", "limits", "memory"), "1Gi", "resources: {}", "resources: {limits: {memory: 1Gi}}"),
        (
            (*WEB, "securityContext", "runAsUser"),
            10001,
            "privileged: true",
            "privileged: true\n      runAsUser: 10001",
        ),
        (
            (*WEB, "securityContext", "capabilities", "drop"),
            ["ALL"],
            "privileged: true",
            "privileged: true\n      capabilities:\n        drop: [ALL]",
        ),
        ((*WEB, "workingDir"), "/app", '"shop/web"', '"shop/web"\n    workingDir: /app'),
        (
            ("spec", "terminationGracePeriodSeconds"),
            77,
            "Network: true",
            "Network: true\n  terminationGracePeriodSeconds: 77",
        ),
        ((*WEB, "env", 1, "x"), None, "{name: B", "{x: null, name: B"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_is_put_where_it_belongs(path: Path, value: object, before: str, after: str) -> None:
    """In the place of another one, or beside its siblings; comments and quotes elsewhere stay."""
    assert applied(passage(POD).put(path, value), POD) == POD.replace(before, after)


@pytest.mark.parametrize(
    ("path", "removed"),
    [
        (("spec", "hostNetwork"), "  hostNetwork: true"),
        ((*WEB, "image"), '    image: "shop/web"\n'),
        ((*WEB, "env", 0), "    - name: A\n      value: a\n"),
        ((*WEB, "env", 1), "    - {name: B, value: b}\n"),
        ((*WEB, "env", 1, "value"), ", value: b"),
        ((*WEB, "env", 1, "name"), "name: B, "),
        ((*WEB, "args", 1), '"--bind", '),
        ((*WEB, "securityContext"), "    securityContext:\n      # hardened later\n      privileged: true\n"),
    ],
    ids=str,
)
def test_a_value_is_taken_away_with_its_line(path: Path, removed: str) -> None:
    """Over all its lines, or between commas."""
    assert applied(passage(POD).drop(path), POD) == POD.replace(removed, "")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*WEB, "args", 7), "x"),
        ((*WEB, "image", "tag"), "x"),
        ((*WEB, 0), "x"),
        (("spec", "containers", "web"), "x"),
        (("spec", "volumes", 0, "name"), "x"),
    ],
    ids=str,
)
def test_what_has_no_place_has_no_edit(path: Path, value: str) -> None:
    """Nothing is guessed."""
    assert passage(POD).put(path, value) is None
    assert passage(POD).drop(path) is None


def test_a_script_of_several_lines_has_no_edit() -> None:
    """Its end is not known, and half of it would stay."""
    script = "spec:\n  command: |\n    one\n    two\n  tty: true\n"

    assert passage(script).put(("spec", "command"), "three") is None


def test_an_alias_is_left_alone() -> None:
    """What it stands for would change in two places."""
    text = "spec:\n  a: &a {x: 1}\n  b: *a\n"

    assert passage(text).put(("spec", "a", "x"), 2) is None
    assert passage(text).put(("spec", "b", "x"), 2) is None


def test_json_gets_json() -> None:
    """Quoted, and on its line."""
    text = json.dumps({"kind": "Pod", "spec": {"hostNetwork": True}}, indent=2)
    after = applied(passage(text).put(("spec", "hostPID"), value=False), text)

    assert json.loads(after) == {"kind": "Pod", "spec": {"hostNetwork": True, "hostPID": False}}
    assert after.count("\n") == text.count("\n")


def test_only_its_own_document_is_changed() -> None:
    """Of several in a file, and of several on a line."""
    text = "kind: A\nspec: {a: 1}\n---\nkind: B\nspec: {a: 1}\n"

    assert (
        applied(passage(text, 1).put(("spec", "a"), 2), text) == "kind: A\nspec: {a: 1}\n---\nkind: B\nspec: {a: 2}\n"
    )
    line = '{"a": {"b": 1}} {"a": {"b": 1}}'
    assert applied(passage(line, 1).put(("a", "b"), 2), line) == '{"a": {"b": 1}} {"a": {"b": 2}}'


TEXTS: Final = st.sampled_from(["a", "true", "1", "", "- a", "a: b", "#", "ü", "'", '"', "512Mi", "x,y", "{", "null"])
SCALARS: Final = TEXTS | st.integers(-5, 5) | st.booleans() | st.none()
KEYS: Final = st.sampled_from(["a", "b", "image", "x-y", "c.d/e", "on"])
TREES: Final = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3)),
    min_size=1,
)


@settings(max_examples=300, deadline=None)
@given(
    tree=TREES,
    style=st.sampled_from([None, True, False]),
    value=SCALARS | st.lists(TEXTS, max_size=2),
    path=st.lists(KEYS, min_size=1, max_size=3),
)
def test_whatever_is_put_is_what_is_read(tree: Any, style: bool | None, value: object, path: list[str]) -> None:  # noqa: ANN401
    """An edit is right or there is none, whatever stands there."""
    text = yaml.safe_dump(tree, default_flow_style=style, allow_unicode=True)
    edit = passage(text).put(tuple(path), value)
    if edit is None:
        return
    meant = tree
    for key in path[:-1]:
        meant[key] = meant = meant.get(key) or {}
    meant[path[-1]] = value

    assert values(applied(edit, text)) == tree
