"""From an archive's path to the images that it stands for, each with its configuration."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from gracekeeper.images.archives.configuration import Configuration
from gracekeeper.images.archives.layers import scripts, system
from gracekeeper.images.archives.layouts import Stored, images
from gracekeeper.images.archives.storage import ArchiveError, opened
from gracekeeper.images.platforms import USUAL, Platform
from gracekeeper.sources.files import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.images.archives.storage import Storage
    from gracekeeper_policies.process.image import ImageConfig, ImageReference


_PATH: Final = re.compile(
    r"(?=.*[^/])(?:[\w.+-]*/[\w./+-]*|[\w.+-]+\.(?:sh|py|ini|conf|cfg|toml|ya?ml|json))\Z", re.ASCII
)


class ArchivedImage(Struct, frozen=True):
    """An image of an archive: the names and digests by which a manifest may mean it, and its configuration."""

    names: tuple[ImageReference, ...]
    digests: frozenset[str]
    config: ImageConfig


def read_archive(
    path: str, platform: Platform | None = None, named: ImageReference | None = None
) -> tuple[ArchivedImage, ...]:
    """Read the images of an archive for one platform; `named` is what its only image is, whatever the archive says.

    Without a platform it is `USUAL`, or the only one that there is.

    Raises:
        ArchiveError: it cannot be used; the message is a sentence about it.
    """
    with opened(path) as storage:
        groups = _groups(images(storage))
        if named is not None:
            groups = [_only(groups, named)]
        return tuple(_image(storage, _chosen(group, platform), show(path), named) for group in groups)


def _groups(stored: Sequence[Stored]) -> list[list[Stored]]:
    """The images that differ in their platform alone."""
    groups: dict[object, list[Stored]] = defaultdict(list)
    for each in stored:
        groups[each.names, each.tag].append(each)
    return list(groups.values())


def _only(groups: list[list[Stored]], named: ImageReference) -> list[Stored]:
    meant = [group for group in groups if _is_called(group[0], named)] or groups
    if len(meant) > 1:
        called = ", ".join(sorted(_called(group[0]) for group in meant))
        raise ArchiveError(f"holds several images ({called}), and none of them is {_written(named)}")
    return meant[0]


def _is_called(stored: Stored, named: ImageReference) -> bool:
    if stored.names:
        return any((each.name, each.tag) == (named.name, named.tag or "latest") for each in stored.names)
    return bool(stored.tag) and stored.tag == (named.tag or "latest")


def _called(stored: Stored) -> str:
    return ", ".join(map(_written, stored.names)) or stored.tag or "one without a name"


def _written(name: ImageReference) -> str:
    return f"{name.name}:{name.tag}" if name.tag else name.name


def _chosen(group: Sequence[Stored], platform: Platform | None) -> Stored:
    """The first for the platform, as a container runtime takes it."""
    if len(group) == 1 and platform is None:
        return group[0]
    found = [(_platform(each), each) for each in group]
    wanted = platform or USUAL
    chosen = next((each for at, each in found if wanted.means(at)), None)
    if chosen is None:
        there = ", ".join(sorted({str(at) for at, _ in found}))
        raise ArchiveError(f"holds no image for {wanted}, but for {there}; --platform chooses")
    return chosen


def _platform(stored: Stored) -> Platform:
    return stored.platform or Configuration.parse(stored.configuration).platform


def _image(storage: Storage, stored: Stored, shown: str, named: ImageReference | None) -> ArchivedImage:
    names = (named,) if named else stored.names
    if not (names or stored.digests):
        raise ArchiveError(f"names no image; --image-archive IMAGE={shown} says which one it is")
    configuration = Configuration.parse(stored.configuration)
    config = configuration.image(f"archive {shown}", (layer.size for layer in stored.layers))
    below = system(storage, stored.layers)
    config = structs.replace(
        config,
        distribution=below.distribution,
        shell=below.shell,
        files=scripts(storage, stored.layers, _named_files(config)),
    )
    return ArchivedImage(names, stored.digests, config)


def _named_files(config: ImageConfig) -> Iterator[str]:
    """The files that words of the command may name, as absolute paths: a program by its bare name is none of them."""
    folder = str(config.working_dir) or "/"
    for words in (config.entrypoint, config.command):
        for word in words if isinstance(words, tuple) else ():
            path = word.rpartition("=")[2] if word.startswith("-") else word
            if _PATH.match(path):
                yield posixpath.join(folder, path)
            if path.endswith(".sh") and "/" not in path:
                yield from (posixpath.join(each, path) for each in str(config.environment.get("PATH", "")).split(":"))
