"""An image's own configuration, as registries and archives hold it: in OCI's form, of which Docker's says as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct, field

from gracekeeper.images.archives.layouts import complaint
from gracekeeper.images.archives.storage import ArchiveError
from gracekeeper.images.platforms import Platform
from gracekeeper_policies.process.image import ImageConfig

if TYPE_CHECKING:
    from collections.abc import Iterable

USUAL_STOP: Final = "SIGTERM"


class _Config(Struct, rename="pascal", frozen=True):
    """What a container is started with; each field may be absent or null."""

    user: str | None = None
    env: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    working_dir: str | None = None
    stop_signal: str | None = None
    exposed_ports: dict[str, Any] | None = None
    labels: dict[str, str] | None = None


class Configuration(Struct, frozen=True):
    """The fields that are read of an image's configuration."""

    os: str = ""
    architecture: str = ""
    variant: str = ""
    config: _Config | None = field(default=None)

    @staticmethod
    def parse(text: bytes) -> Configuration:
        """Read a configuration.

        Raises:
            ArchiveError: it is none.
        """
        try:
            return msgspec.json.decode(text, type=Configuration)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise ArchiveError(f"its configuration cannot be read: {complaint(error)}") from None

    @property
    def platform(self) -> Platform:
        """What it runs on."""
        return Platform(self.os, self.architecture, self.variant)

    def image(self, tier: str, layer_sizes: Iterable[int]) -> ImageConfig:
        """The same as policies see it."""
        said = self.config or _Config()
        environment = _environment(said.env or ())
        return ImageConfig(
            tier,
            entrypoint=said.entrypoint or (),
            command=said.cmd or (),
            environment=environment,
            user=said.user or "",
            working_dir=said.working_dir or "",
            stop_signal=said.stop_signal or USUAL_STOP,
            exposed_ports=tuple(sorted(map(_with_protocol, said.exposed_ports or ()))),
            labels=said.labels or {},
            layer_sizes=tuple(layer_sizes),
            python_version=environment.get("PYTHON_VERSION", ""),
        )


def _environment(entries: Iterable[str]) -> dict[str, str]:
    # A container runtime takes the last of two entries of one name, and no value for one without `=`.
    return {name: text for name, _, text in (entry.partition("=") for entry in entries)}


def _with_protocol(port: str) -> str:
    return port if "/" in port else f"{port}/tcp"
