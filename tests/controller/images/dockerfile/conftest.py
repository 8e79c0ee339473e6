"""What the tests of Dockerfiles share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from gracekeeper.images.dockerfile import read_dockerfile
from gracekeeper_policies.process.image import ImageConfig

if TYPE_CHECKING:
    from pathlib import Path

    from gracekeeper.sources.problems import Problem


class Reader(Protocol):
    """Reads the text of a Dockerfile called `Dockerfile`."""

    def __call__(self, text: str | bytes, *, target: str = "", **build_args: str) -> ImageConfig | Problem:
        """What `read_dockerfile` makes of it."""


class Maker(Protocol):
    """Reads the text of a Dockerfile that has no fault."""

    def __call__(self, text: str, *, target: str = "", **build_args: str) -> ImageConfig:
        """The image that it makes."""


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Read a Dockerfile by its text, which may be faulty."""

    def reading(text: str | bytes, *, target: str = "", **build_args: str) -> ImageConfig | Problem:
        path = tmp_path / "Dockerfile"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_dockerfile(path, shown="Dockerfile", target=target, build_args=build_args)

    return reading


@pytest.fixture
def image(read: Reader) -> Maker:
    """The image of a Dockerfile without fault."""

    def made(text: str, *, target: str = "", **build_args: str) -> ImageConfig:
        told = read(text, target=target, **build_args)
        assert isinstance(told, ImageConfig), told
        return told

    return made
