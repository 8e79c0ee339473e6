"""Policy files as short texts, and what is made of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from gracekeeper.policyfiles.reading import PolicySet, Reader
from gracekeeper.reports.report import misread_problems
from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from pathlib import Path

Said: TypeAlias = Callable[[str], PolicySet]
Complaints: TypeAlias = Callable[[str], list[str]]

HEADS = {
    "policy": "kind: GracePolicy\nmetadata: {name: ours}\n",
    "exception": "kind: GraceException\nmetadata: {name: batch, namespace: shop}\n",
    "repository": "kind: GraceRepository\n",
}


def document(kind: str, spec: str) -> str:
    """A document around a spec, whose first line is the fifth of the text (the fourth for a repository)."""
    body = textwrap.indent(textwrap.dedent(spec).strip(), "  ")
    return f"apiVersion: gracekeeper.dev/v1alpha1\n{HEADS[kind]}spec:\n{body}\n"


@pytest.fixture
def said(folder: Path) -> Said:
    """Reads the documents of a text."""

    def call(text: str) -> PolicySet:
        (folder / "p.yaml").write_text(text, encoding="utf-8")
        found = read(["p.yaml"])
        assert found.problems == ()
        reader = Reader(RULES, "default")
        reader.take(found.documents)
        return reader.result

    return call


@pytest.fixture
def complaints(folder: Path) -> Complaints:
    """Reads the documents of a text and gives what is wrong with them, as it is printed but for the file."""

    def call(text: str) -> list[str]:
        (folder / "p.yaml").write_text(text, encoding="utf-8")
        found = read(["p.yaml"])
        reader = Reader(RULES, "default")
        reader.take(found.documents)
        problems = [*found.problems, *misread_problems(reader.result.misread, found)]
        return [str(problem).removeprefix("p.yaml:") for problem in problems]

    return call


@pytest.fixture
def policy() -> Callable[[str], str]:
    """A policy around a spec."""
    return lambda spec: document("policy", spec)


@pytest.fixture
def exception() -> Callable[[str], str]:
    """An exception of the namespace `shop` around a spec."""
    return lambda spec: document("exception", spec)


@pytest.fixture
def repository() -> Callable[[str], str]:
    """A repository's settings around a spec."""
    return lambda spec: document("repository", spec)
