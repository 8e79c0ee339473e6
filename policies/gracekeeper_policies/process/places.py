"""Where the facts about a container's process stand: the fields of its manifest, and the lines of its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.provenance import Word


class Places(Struct, frozen=True, eq=False):
    """The places of one process."""

    process: PythonProcess

    @property
    def program_source(self) -> str:
        """Where the program's name was read: `spec.containers[0].command[0]`."""
        words = self.process.launch.words
        return words[0].source if words else self.process.unknown

    @property
    def program_tier(self) -> str:
        """Where the image names what it starts, if it does: `image: web/Dockerfile:12`; empty for the manifest."""
        command = self.process.command
        words = () if isinstance(command, Unknown) else command.words
        return next((word.source for word in words if word.source.startswith(OF_IMAGE)), "")

    @property
    def program(self) -> Path:
        """The word of the manifest that names the program; the image where that is the image's, else the container."""
        words = self.process.launch.words
        return self.of(words[0]) if words else self.process.container.path

    def of(self, word: Word) -> Path:
        """The field of the manifest that decides about a word: the word itself, or the image that holds it."""
        return word.path or (self.image if word.source.startswith(OF_IMAGE) else self.process.container.path)

    @property
    def image(self) -> Path:
        """The field that names the image."""
        return (*self.process.container.path, "image")

    def image_source(self, name: str) -> str:
        """Where a field of the image was read; empty where none was."""
        image = self.process.image
        return "" if isinstance(image, Unknown) else image.source(name)
