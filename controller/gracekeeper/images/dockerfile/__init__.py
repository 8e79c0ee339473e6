"""Dockerfiles: the configuration of the image that one makes, read and not built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gracekeeper.images.dockerfile.faults import FaultyError
from gracekeeper.images.dockerfile.making import Place, made
from gracekeeper.images.dockerfile.syntax import MAX_BYTES
from gracekeeper.sources.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper.images.dockerfile.variables import Value
    from gracekeeper_policies.process.image import ImageConfig


def read_dockerfile(
    path: str | Path,
    *,
    shown: str = "",
    context: str | Path | None = None,
    target: str = "",
    build_args: Mapping[str, Value] | None = None,
) -> ImageConfig | Problem:
    """Read the image that a Dockerfile makes, up to the stage `target`; some of `build_args` may be unknown.

    `shown` is the path as it is printed, `context` the folder that the image is built from: without it, the nearest
    that has all that is copied. What a builder would refuse is a Problem; what the file alone cannot tell (an unknown
    base, an argument that nobody gives) is Unknown in the configuration.
    """
    place = Place(Path(path), Path(context) if context else None, shown or str(path))
    try:
        with place.path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        return made(content, place, target, build_args or {})
    except OSError as error:
        return Problem(place.shown, 0, 0, f"cannot be read: {error.strerror}")
    except FaultyError as error:
        return Problem(place.shown, error.line, int(error.line > 0), error.message)
