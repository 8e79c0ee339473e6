"""What a repository itself says of its images: Compose's and Skaffold's files, and last the names of its folders.

Nobody asked for these files, so one that cannot be read is no problem: then nothing is known.
"""

# ruff: noqa: PTH119, PTH120 - paths are kept as they were found, to be printed so

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from msgspec import structs

from gracekeeper.images.build import Build, Built
from gracekeeper.images.builder import Builder, or_unknown
from gracekeeper.images.names import is_same_repository, means, written
from gracekeeper.sources.files import UnreadableError, read_bytes, show
from gracekeeper.sources.problems import MalformedError
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from gracekeeper.images.repository import Repository
    from gracekeeper_policies.process.image import ImageReference

Answer: TypeAlias = ImageConfig | Unknown | None
"""What is known of an image, why nothing is, or None: somebody else may know."""


class FoundBuilds:
    """Answers by what was found in a repository."""

    def __init__(self, repository: Repository, builder: Builder) -> None:
        """Read nothing yet."""
        self._repository = repository
        self._builder = builder

    def about(self, asked: ImageReference) -> Answer:
        """What is known of the image."""
        return self._as_built(asked) or self._by_folder(asked)

    @cached_property
    def _built(self) -> list[Built]:
        if not self._repository.others:
            return []
        from gracekeeper.images import compose, skaffold  # noqa: PLC0415 - most repositories have neither

        readers = ((compose.NAME, compose.built), (skaffold.NAME, skaffold.built))
        files = [
            (path, read)
            for path in self._repository.others
            for name, read in readers
            if name.match(os.path.basename(path)) and self._repository.counts(path)
        ]
        return [each for path, read in files for each in read(path, _contents(path))]

    def _as_built(self, asked: ImageReference) -> Answer:
        of_it = [each for each in self._built if is_same_repository(each.name, asked)]
        exact = [each for each in of_it if means(each.name, asked)]
        builds = {each.build.key: each for each in exact or of_it}
        if len(builds) > 1:
            by = " and ".join(dict.fromkeys(show(each.said_by) for each in builds.values()))
            return Unknown(f"{by} can build it in {len(builds)} ways")
        for each in builds.values():
            config = or_unknown(self._builder(each.build))
            return config if exact else _doubted(config, f"{show(each.said_by)} builds {written(each.name)} from it")
        return None

    def _by_folder(self, asked: ImageReference) -> Answer:
        if asked.is_official:
            return None  # a folder of that name holds what is mounted into it, or an image that is made from it
        folder = asked.name.rpartition("/")[2]
        paths = [path for path in self._folders.get(folder, ()) if self._repository.counts(path)]
        if len(paths) > 1:
            return Unknown(f"its Dockerfile may be {' or '.join(map(show, paths))}")
        for path in paths:
            config = or_unknown(self._builder(Build(path)))
            return _doubted(config, f"that {show(path)} makes it is told by its folder's name alone")
        return None

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """The Dockerfiles by the names of their folders."""
        # Of two in one folder `Dockerfile` comes last, and counts.
        paths = {os.path.dirname(path): path for path in self._repository.dockerfiles}
        folders: dict[str, list[str]] = {}
        for folder, path in paths.items():
            folders.setdefault(os.path.basename(os.path.realpath(folder)).lower(), []).append(path)
        return folders


def _doubted(config: ImageConfig | Unknown, doubt: str) -> ImageConfig | Unknown:
    return config if isinstance(config, Unknown) else structs.replace(config, doubt=doubt)


def _contents(path: str) -> list[object]:
    from gracekeeper.sources.encodings import decode  # noqa: PLC0415 - as above
    from gracekeeper.sources.readings import Broken, readings  # noqa: PLC0415

    try:
        text = decode(read_bytes(path))
    except (UnreadableError, MalformedError):
        return []
    return [reading.values for reading in readings(text) if not isinstance(reading, Broken)]
