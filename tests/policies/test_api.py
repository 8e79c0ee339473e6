"""The public API: complete, sorted, and as the type-checked usage file uses it."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
from pathlib import Path

import pytest

import gracekeeper_policies

USAGE = Path(__file__).parents[1] / "typing" / "api.py"
PACKAGE = Path(gracekeeper_policies.__file__).parent


@pytest.mark.parametrize("name", gracekeeper_policies.__all__)
def test_a_public_name_is_there(name: str) -> None:
    """It can be imported, and what it is says what it is for."""
    value = getattr(gracekeeper_policies, name)
    assert not inspect.ismodule(value)
    assert value.__doc__ or not (inspect.isclass(value) or inspect.isfunction(value))


def test_public_names_are_sorted_and_written_once() -> None:
    """Constants, types, functions, each in alphabetical order."""
    names = gracekeeper_policies.__all__
    assert sorted(set(names), key=lambda name: (not name.isupper(), not name[0].isupper(), name)) == names


@pytest.mark.parametrize(
    "name", ["Verdict", "Judged", "Ruling", "Finding", "GracePolicy", "Card", "Related", "Misread"]
)
def test_what_a_public_value_holds_is_public_too(name: str) -> None:
    """Nobody has to reach into a module to name the type of a field."""
    ours = {
        each
        for file in PACKAGE.rglob("*.py")
        for each in re.findall(r"^class ([A-Z]\w*)", file.read_text(), re.MULTILINE)
    }
    fields = inspect.get_annotations(getattr(gracekeeper_policies, name)).values()
    named = {word for field in fields for word in re.findall(r"\w+", str(field))}
    assert set() == (named & ours) - set(gracekeeper_policies.__all__)


def test_what_the_judge_takes_is_public() -> None:
    """And what it returns."""
    annotations = " ".join(map(str, inspect.get_annotations(gracekeeper_policies.judge).values()))
    named = set(re.findall(r"[A-Z]\w+", annotations))
    assert {"Sequence"} == named - set(gracekeeper_policies.__all__)


def test_the_usage_file_runs() -> None:
    """It is type-checked with everything else; here it is also run."""
    told = runpy.run_path(str(USAGE))
    assert any(line.startswith("error spec.template.spec") for line in told["LINES"])
    assert ["gunicorn stops: 30 s"] == told["EXPLAINED"]


def test_the_usage_file_uses_nothing_private() -> None:
    """It imports from the package alone."""
    imports = [node for node in ast.walk(ast.parse(USAGE.read_text())) if isinstance(node, ast.ImportFrom)]
    ours = {node.module for node in imports if node.module and node.module.startswith("gracekeeper")}
    assert {"gracekeeper_policies"} == ours


def test_all_that_is_imported_is_public() -> None:
    """Nothing is offered by accident."""
    module = ast.parse(Path(gracekeeper_policies.__file__).read_text())
    imports = [node for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    assert set(gracekeeper_policies.__all__) == {alias.name for node in imports for alias in node.names}
