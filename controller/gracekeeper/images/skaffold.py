"""Reads which images a Skaffold file builds, and how: its `build.artifacts` that are made by Docker or kaniko."""

# ruff: noqa: PTH118, PTH120 - paths are kept as they were found, to be printed so

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

NAME: Final = re.compile(r"skaffold(?:[.-][\w.-]+)?\.ya?ml\Z", re.ASCII)
"""What Skaffold files are called."""

_DOCKERFILES: Final = ("docker", "kaniko")
_OTHER_BUILDERS: Final = frozenset({"bazel", "buildpacks", "custom", "jib", "ko"})
_TEMPLATE: Final = "{{"


def built(path: str, contents: Iterable[object]) -> Iterator[Built]:
    """The images that a Skaffold file builds from Dockerfiles; what its profiles change is left out."""
    for content in contents:
        build = content.get("build") if isinstance(content, Mapping) and _is_skaffold(content) else None
        artifacts = build.get("artifacts") if isinstance(build, Mapping) else None
        for artifact in artifacts if isinstance(artifacts, list) else ():
            image = artifact.get("image") if isinstance(artifact, Mapping) else None
            name = ImageReference.parse(image) if isinstance(image, str) else None
            made = _build(os.path.dirname(path), artifact) if name else None
            if name and made:
                yield Built(name, made, path)


def _is_skaffold(content: Mapping[str, object]) -> bool:
    return str(content.get("apiVersion")).startswith("skaffold/")


def _build(folder: str, artifact: Mapping[str, object]) -> Build | None:
    if not _OTHER_BUILDERS.isdisjoint(artifact):
        return None
    said = next((each for name in _DOCKERFILES if isinstance(each := artifact.get(name), Mapping)), {})
    texts = [
        str(each)
        for each in (artifact.get("context") or ".", said.get("dockerfile") or "Dockerfile", said.get("target") or "")
    ]
    if any(_TEMPLATE in each for each in texts):
        return None
    context = os.path.join(folder, texts[0])
    return Build(os.path.join(context, texts[1]), context, texts[2], dict(_arguments(said.get("buildArgs"))))


def _arguments(said: object) -> Iterator[tuple[str, str | Unknown]]:
    for name, value in said.items() if isinstance(said, Mapping) else ():
        known = value is not None and _TEMPLATE not in str(value)
        yield str(name), str(value) if known else Unknown(f"the build argument {name} is set where it is built")
