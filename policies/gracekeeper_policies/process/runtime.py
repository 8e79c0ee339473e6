"""Whether the process of a container is Python: as its program tells, what its script runs before, or its image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.recognition import OTHER_IMAGES, Runtime, recognise
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from gracekeeper_policies.process.image import ImageConfig, ImageReference
    from gracekeeper_policies.process.launch import Launch
    from gracekeeper_policies.process.recognition import Program

_DOCKER_HUB: Final = "docker.io"


def runtime_of(
    program: Program | None, launch: Launch, image: ImageConfig | Unknown, reference: ImageReference | None
) -> Runtime:
    """What a container runs, by all that is in sight; the annotation `runtime` counts before."""
    if _runs_python(program, launch):
        return Runtime.PYTHON
    of_image = _of_image(image, reference)
    if launch.preparation and of_image is Runtime.PYTHON:
        return Runtime.PYTHON
    return program.runtime if program else of_image


def _runs_python(program: Program | None, launch: Launch) -> bool:
    # A Job's script often ends in an `echo`: what it ran before, or a Python image, tells what it is.
    commands = [command.argv for command in (*launch.preparation, *launch.beside)]
    commands += [other.words for other in launch.supervised]
    programs = (program, *(recognise(words) for words in commands))
    return any(program is not None and program.runtime is Runtime.PYTHON for program in programs)


def _of_image(image: ImageConfig | Unknown, reference: ImageReference | None) -> Runtime:
    if not isinstance(image, Unknown) and image.python_version:
        return Runtime.PYTHON
    if reference is None or reference.registry != _DOCKER_HUB:
        return Runtime.UNKNOWN
    if reference.name in OTHER_IMAGES:
        return Runtime.OTHER
    return Runtime.PYTHON if reference.name in ("python", "pypy") else Runtime.UNKNOWN
