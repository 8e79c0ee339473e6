"""What the tests of images share: a repository to find builds in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Tree: TypeAlias = Callable[[dict[str, str]], None]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Write files, given by path and content, into an empty repository and make it the working directory."""
    top = tmp_path / "shop"
    (top / ".git").mkdir(parents=True)
    monkeypatch.chdir(top)

    def write(contents: dict[str, str]) -> None:
        for name, content in contents.items():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            (top / name).write_text(content, "utf-8")

    return write
