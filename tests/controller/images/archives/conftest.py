"""What the tests of archives share: one image, and the forms in which it is stored."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.controller.images.archives.making import Layout, image, laid_out, named, tarred

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write: TypeAlias = Callable[[Layout], str]


@pytest.fixture
def web() -> Layout:
    """A layout of one image, whose name is `registry.example.com/shop/web:1.4`."""
    layout: Layout = {}
    return laid_out(named(image(layout), "registry.example.com/shop/web:1.4"), layout=layout)


@pytest.fixture
def folder(tmp_path: Path) -> Write:
    """Write a layout as a directory."""

    def write(layout: Layout) -> str:
        for name, data in layout.items():
            (tmp_path / "web" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "web" / name).write_bytes(data)
        return str(tmp_path / "web")

    return write


@pytest.fixture
def archive(tmp_path: Path) -> Write:
    """Write a layout as a tar file."""

    def write(layout: Layout) -> str:
        (tmp_path / "web.tar").write_bytes(tarred(layout))
        return str(tmp_path / "web.tar")

    return write


@pytest.fixture
def packed(tmp_path: Path) -> Write:
    """Write a layout as a tar file, compressed."""

    def write(layout: Layout) -> str:
        (tmp_path / "web.tar.gz").write_bytes(gzip.compress(tarred(layout)))
        return str(tmp_path / "web.tar.gz")

    return write
