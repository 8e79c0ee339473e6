"""How an image is built: its Dockerfile, and what the builder is told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from gracekeeper_policies.process.image import ImageReference
    from gracekeeper_policies.provenance import Unknown


class Build(Struct, frozen=True):
    """A Dockerfile with its context (empty where nobody names it), the stage that is built, and the arguments.

    Without a target the last stage is built.
    """

    dockerfile: str
    context: str = ""
    target: str = ""
    arguments: Mapping[str, str | Unknown] = field(default_factory=dict)

    @property
    def key(self) -> Hashable:
        """What two builds that make the same image have in common."""
        return self.dockerfile, self.context, self.target, *sorted(map(str, self.arguments.items()))


class Listed(Struct, frozen=True):
    """What a GraceRepository says of images: those that a glob means; its `*` may stand in the build's paths, too."""

    image: str
    build: Build


class Built(Struct, frozen=True):
    """An image that a file of the repository says how to build; `said_by` is that file."""

    name: ImageReference
    build: Build
    said_by: str
