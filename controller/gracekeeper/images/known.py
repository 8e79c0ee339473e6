"""What is known of images, for judging: by archives, by the Dockerfiles that were named, by the repository's own files.

What somebody names has to be readable: else it is a problem, and the image stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec import structs

from gracekeeper.images.build import Build, Listed
from gracekeeper.images.builder import Builder, or_unknown
from gracekeeper.images.found import Answer, FoundBuilds
from gracekeeper.images.names import Pattern, means, written
from gracekeeper.images.source_roots import SourceRoots
from gracekeeper.sources.files import show
from gracekeeper.sources.problems import Problem, Skipped
from gracekeeper_policies.process.image import ImageConfig, ImageReference
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gracekeeper.images.archives.reading import ArchivedImage
    from gracekeeper.images.platforms import Platform
    from gracekeeper.images.repository import Repository
    from gracekeeper.images.source_roots import SourceRoot

_NO_REFERENCE: Final = Unknown("its image is no reference that can be read")
_NOT_READ: Final = Unknown("the image was not read")
_NONE: Final = Unknown("no image is named")


@dataclass(frozen=True)
class Sources:
    """Whence images are known: what the command line names, what a GraceRepository lists, what the repository holds.

    `roots` tell of images of which nothing else is known.
    """

    archives: Sequence[tuple[ImageReference | None, str]]
    dockerfiles: Sequence[tuple[ImageReference, str]]
    listed: Sequence[Listed]
    repository: Repository
    platform: Platform | None = None
    roots: Sequence[SourceRoot] = ()


class KnownImages:
    """Answers what is known of an image; whoever comes first in `Sources` is believed."""

    def __init__(self, sources: Sources) -> None:
        """Read what was named; `problems` are what of it cannot be read."""
        self.problems: list[Problem] = []
        self._builder = Builder()
        self._archived = [
            (path, each) for name, path in sources.archives for each in self._archive(path, sources.platform, name)
        ]
        self._named = [(name, self._read(Build(path))) for name, path in sources.dockerfiles]
        self._listed = sources.listed
        for each in sources.listed:
            if "*" not in each.build.dockerfile:
                self._read(each.build)
        self._found = FoundBuilds(sources.repository, self._builder)
        self._roots = SourceRoots(sources.roots)
        self.problems += self._roots.problems
        self._known: dict[str, ImageConfig | Unknown] = {}

    def __call__(self, reference: str) -> ImageConfig | Unknown:
        """What is known of the image that a manifest names."""
        known = self._known.get(reference)
        if known is None:
            known = self._known[reference] = self._look(reference)
        return known

    @property
    def was_told(self) -> bool:
        """Whether the command line names anything."""
        return bool(self._archived or self._named or self._roots.are_named)

    def unused(self, asked: Iterable[str]) -> Iterator[Skipped]:
        """What the command line names and is no image of those that run: a slip in a name, perhaps."""
        asked = list(asked)
        yield from self._roots.unused(asked)
        references = [parsed for each in asked if (parsed := ImageReference.parse(each))]
        for path, archived in self._archived:
            if not any(_is(archived, each) for each in references):
                names = ", ".join(map(written, archived.names))
                nameless = f"holds an image without a name; --image-archive IMAGE={show(path)} gives it one"
                yield Skipped(show(path), f"no container runs {names}" if names else nameless)
        for name, config in self._named:
            if isinstance(config, ImageConfig) and not any(means(name, each) for each in references):
                yield Skipped(config.tier, f"no container runs {written(name)}")

    def _archive(self, path: str, platform: Platform | None, name: ImageReference | None) -> tuple[ArchivedImage, ...]:
        from gracekeeper.images.archives.reading import read_archive  # noqa: PLC0415 - most runs read none
        from gracekeeper.images.archives.storage import ArchiveError  # noqa: PLC0415

        try:
            return read_archive(path, platform, name)
        except ArchiveError as error:
            self.problems.append(Problem(show(path), 0, 0, str(error)))
            return ()

    def _read(self, build: Build) -> ImageConfig | Unknown:
        config = self._builder(build)
        if isinstance(config, Problem) and config not in self.problems:
            self.problems.append(config)
        return or_unknown(config)

    def _look(self, reference: str) -> ImageConfig | Unknown:
        if not reference:
            return _NONE
        asked = ImageReference.parse(reference)
        if asked is None:
            return _NO_REFERENCE
        answers = self._answers(reference, asked)
        answer = next((answer for answer in answers if answer is not None), _NOT_READ)
        return self._roots.about(reference, answer) if isinstance(answer, Unknown) else answer

    def _answers(self, reference: str, asked: ImageReference) -> Iterator[Answer]:
        yield from (each.config for _, each in self._archived if _is(each, asked))
        yield from (config for name, config in self._named if means(name, asked))
        yield from (self._as_listed(each, reference) for each in self._listed)
        yield self._found.about(asked)

    def _as_listed(self, listed: Listed, reference: str) -> Answer:
        star = Pattern(listed.image).match(reference)
        if star is None:
            return None
        build = listed.build
        return or_unknown(
            self._builder(
                structs.replace(
                    build, dockerfile=build.dockerfile.replace("*", star), context=build.context.replace("*", star)
                )
            )
        )


def _is(archived: ArchivedImage, asked: ImageReference) -> bool:
    if asked.digest and asked.digest in archived.digests:
        return True
    return any(means(name, asked, archived.digests) for name in archived.names)
