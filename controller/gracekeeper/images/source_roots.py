"""What an image is built from where nothing tells its Dockerfile: a folder of the repository that somebody names.

Its files count as those in the folder that the image starts in: scripts, and what servers are configured by.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.images.names import Pattern, written
from gracekeeper.sources.files import show
from gracekeeper.sources.problems import Problem, Skipped
from gracekeeper_policies.process.image import ImageReference, UnreadImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.provenance import Unknown


class SourceRoot(Struct, frozen=True, dict=True):
    """A folder, and the image that is built from it, perhaps as a glob; empty where nobody says which."""

    path: str
    image: str = ""

    def means(self, reference: str, asked: ImageReference) -> bool:
        """Whether an image may be built from it: an official one is not."""
        return Pattern(self.image).match(reference) is not None if self.image else not asked.is_official

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The texts in it, by their paths; nothing where there is no such folder."""
        from gracekeeper.images.dockerfile.context import Context  # noqa: PLC0415 - most runs name no folder

        context = Context.of(Path(self.path) / "Dockerfile", Path(self.path))
        found = ((each, context.text(each)) for each in context.settings(""))
        return {path: text for path, text in found if text is not None}

    def image_of(self, why: Unknown) -> UnreadImage:
        """An image of which only this is known; `why` says why it was not read."""
        shown = show(self.path)
        doubt = (
            "" if self.image else f"which image is built from {shown} is not said; --source-root IMAGE={shown} says so"
        )
        return UnreadImage(f"{why.reason}, but {shown} was", self.texts, self.path, doubt)


class SourceRoots:
    """Answers which sources an image is built from; one that names its image comes before those that name none."""

    def __init__(self, roots: Sequence[SourceRoot]) -> None:
        """Look at nothing yet but whether the folders are there."""
        self._roots = sorted(roots, key=lambda root: not root.image)
        missing = [root for root in self._roots if not Path(root.path).is_dir()]
        self.problems = [
            Problem(show(root.path), 0, 0, "is no folder, expected the sources of an image") for root in missing
        ]

    @property
    def are_named(self) -> bool:
        """Whether one names its image, so that none may run it."""
        return any(root.image for root in self._roots)

    def about(self, reference: str, why: Unknown) -> UnreadImage | Unknown:
        """What is known of an image that was not read, and `why` it was not."""
        asked = ImageReference.parse(reference)
        found = (root for root in self._roots if asked is not None and root.means(reference, asked))
        root = next((root for root in found if root.texts), None)
        return why if root is None else root.image_of(why)

    def unused(self, asked: Iterable[str]) -> Iterator[Skipped]:
        """The folders of images that no container runs."""
        references = {each: parsed for each in asked if (parsed := ImageReference.parse(each))}
        for root in self._roots:
            if root.image and not any(root.means(text, parsed) for text, parsed in references.items()):
                name = ImageReference.parse(root.image)
                yield Skipped(show(root.path), f"no container runs {written(name) if name else root.image}")
