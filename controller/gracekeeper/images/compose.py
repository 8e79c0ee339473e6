"""Reads which images a Compose file builds, and how: `image` and `build` of each service.

Variables of the file (`${TAG}`) are set where it is run, so they are unknown here; a default in it counts.
"""

# ruff: noqa: PTH118 - paths are kept as they were found, to be printed so

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from gracekeeper.images.build import Build, Built
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME: Final = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml\Z", re.ASCII)
"""What Compose files are called."""

_VARIABLE: Final = re.compile(
    r"\$(?:\$|(?P<plain>\w+)|\{(?P<name>\w+)(?::?-(?P<default>[^{}$]*)|:?[?+][^{}]*)?\})", re.ASCII
)
_UNKNOWN: Final = "\0"
_REMOTE: Final = re.compile(r"\w+://|git@|github\.com/")


def built(path: str, contents: Iterable[object]) -> Iterator[Built]:
    """The images that a Compose file builds from Dockerfiles of its own repository."""
    for content in contents:
        services = content.get("services") if isinstance(content, Mapping) else None
        for service in services.values() if isinstance(services, Mapping) else ():
            name = _name(service.get("image")) if isinstance(service, Mapping) else None
            build = _build(os.path.dirname(path), service.get("build")) if name else None  # noqa: PTH120
            if name and build:
                yield Built(name, build, path)


def _name(image: object) -> ImageReference | None:
    """The image's name; a tag that is unknown is left out, and of an unknown name nothing is known."""
    text = expanded(image)
    name, _, tag = text.rpartition(":")
    if _UNKNOWN in tag and "/" not in tag:
        text = name
    return None if _UNKNOWN in text else ImageReference.parse(text)


def _build(folder: str, said: object) -> Build | None:
    if isinstance(said, str):
        said = {"context": said}
    if not isinstance(said, Mapping) or "dockerfile_inline" in said:
        return None
    context, dockerfile = expanded(said.get("context", ".")), expanded(said.get("dockerfile", "Dockerfile"))
    target = expanded(said.get("target", ""))
    if any(_UNKNOWN in each for each in (context, dockerfile, target)) or _REMOTE.match(context):
        return None
    context = os.path.join(folder, context)
    return Build(os.path.join(context, dockerfile), context, target, dict(_arguments(said.get("args"))))


def _arguments(said: object) -> Iterator[tuple[str, str | Unknown]]:
    """Build arguments, as a mapping or as a list of `NAME=value`; one without a value is set where the file is run."""
    if isinstance(said, list):
        pairs = [str(each).partition("=") for each in said]
        said = {name: value if equals else None for name, equals, value in pairs}
    for name, value in said.items() if isinstance(said, Mapping) else ():
        text = _UNKNOWN if value is None else expanded(value)
        yield str(name), Unknown(f"the build argument {name} is set where it is built") if _UNKNOWN in text else text


def expanded(value: object) -> str:
    r"""A value with its variables replaced by their defaults, and by `\0` where they have none."""
    if isinstance(value, bool):
        return str(value).lower()
    return _VARIABLE.sub(_variable, str(value)) if isinstance(value, str | int | float) else _UNKNOWN


def _variable(match: re.Match[str]) -> str:
    if match[0] == "$$":
        return "$"
    return _UNKNOWN if match["default"] is None else match["default"]
