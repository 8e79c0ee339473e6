"""What a run knows of images: it asks nothing more of most repositories than whether they hold a Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.images.repository import MOST, find_builds
from gracekeeper.sources.files import show
from gracekeeper.sources.problems import Skipped
from gracekeeper_policies.judge import no_images

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.cli.judging import Question
    from gracekeeper.images.build import Listed
    from gracekeeper.images.known import KnownImages
    from gracekeeper.sources.exclusion import Globs
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.process.pod import Images
    from gracekeeper_policies.verdict import Judged, Verdict


class ImageFacts(Struct, frozen=True):
    """What is known of images; None where there is nothing to know them from. `too_large` was not looked through."""

    known: KnownImages | None = None
    too_large: str = ""

    @property
    def images(self) -> Images:
        """What judging asks."""
        return self.known or no_images

    @property
    def problems(self) -> Sequence[Problem]:
        """What was named and cannot be read."""
        return self.known.problems if self.known else ()

    def skipped(self, verdict: Verdict) -> Iterator[Skipped]:
        """What was named on the command line and is of no image that runs, and where nothing was looked for."""
        if self.too_large:
            yield Skipped(show(self.too_large), f"more than {MOST:,} folders, in which no Dockerfile was looked for")
        if self.known and self.known.was_told:
            every = (*verdict.judged, *verdict.out_of_scope)
            yield from self.known.unused({image for each in every for image in _images_of(each)})


def _images_of(judged: Judged) -> list[str]:
    images = [process.container.spec.image for process in judged.processes]
    judged.release()
    return images


def image_facts(
    question: Question, listed: Sequence[Listed], roots: Sequence[tuple[str, str]], exclude: Sequence[Globs]
) -> ImageFacts:
    """Look for what tells of images: on the command line, in policy files, and in the repository of the manifests."""
    repository = find_builds(question.places, (*question.exclude, *exclude))
    roots = (*question.roots, *roots)
    if not (question.archives or question.dockerfiles or roots or listed or repository.tops):
        return ImageFacts(too_large=repository.too_large)
    from gracekeeper.images.known import KnownImages, Sources  # noqa: PLC0415 - most runs have nothing to read
    from gracekeeper.images.source_roots import SourceRoot  # noqa: PLC0415

    sources = Sources(
        question.archives,
        question.dockerfiles,
        listed,
        repository,
        question.platform,
        [SourceRoot(*root) for root in dict.fromkeys(roots)],
    )
    return ImageFacts(KnownImages(sources), repository.too_large)
