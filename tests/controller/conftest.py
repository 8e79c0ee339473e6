"""Nouns that the tests of the product share: expected renderings, and manifests to judge."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from pathlib import Path

UPDATE = "GRACEKEEPER_UPDATE_EXPECTED"

Expected: TypeAlias = Callable[[str, str], None]


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> Expected:
    """Compare a rendering with the file `expected/NAME` beside the test; the variable UPDATE writes the files anew."""

    def compare(name: str, rendered: str) -> None:
        path = request.path.parent / "expected" / name
        if os.environ.get(UPDATE):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rendered, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == rendered, f"{UPDATE}=1 writes {path} anew"

    return compare


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
