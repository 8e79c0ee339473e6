"""Reads the Dockerfile of a build, each build once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.sources.files import show
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Hashable

    from gracekeeper.images.build import Build
    from gracekeeper_policies.process.image import ImageConfig


class Builder:
    """Gives the configuration of the image that a build makes, or what is wrong with its Dockerfile."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._made: dict[Hashable, ImageConfig | Problem] = {}

    def __call__(self, build: Build) -> ImageConfig | Problem:
        """Read a Dockerfile, unless it was read for the same target and arguments."""
        from gracekeeper.images.dockerfile import read_dockerfile  # noqa: PLC0415 - most runs read none

        if build.key not in self._made:
            self._made[build.key] = read_dockerfile(
                build.dockerfile,
                shown=show(build.dockerfile),
                context=build.context or None,
                target=build.target,
                build_args=build.arguments,
            )
        return self._made[build.key]


def or_unknown(config: ImageConfig | Problem) -> ImageConfig | Unknown:
    """The configuration, or that it is unknown because its Dockerfile cannot be read."""
    return Unknown(str(config)) if isinstance(config, Problem) else config
