"""The files of a container that are in sight: what ConfigMaps of the input mount, and what the image is known to hold.

As in a container, a mount hides what lies below it, and of several mounts the deepest one counts.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.once import once
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.provenance import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.image import UnreadImage
    from gracekeeper_policies.volumespec import ConfigMapVolume, Volume, VolumeMount

_EXECUTABLE: Final = 0o111
_USUAL_MODE: Final = 0o644
_ROOT: Final = "/"


class File(Struct, frozen=True, cache_hash=True):
    """A file's absolute path, its text, and where people find it; `is_executable` says whether it can be started.

    `doubt` says why the container may hold another one; empty where that is certain.
    """

    path: str
    origin: str
    text: str
    is_executable: bool = True
    doubt: str = ""


class Files(Struct, frozen=True, cache_hash=True, dict=True):
    """The files in sight, and the folder that relative paths start from; empty where that is not known.

    `sources` are those of the repository that the image is built from, by paths from that folder; what lies in one of
    the `mounts` is not among them.
    """

    files: tuple[File, ...] = ()
    folder: str = ""
    sources: tuple[File, ...] = ()
    mounts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.sources)

    def at(self, path: str, moved: str = "") -> File | None:
        """The file at a path, which may be relative to where `cd` has `moved` to; None where none is in sight."""
        if not self:
            return None
        folder = resolved(moved, self.folder)
        whole = resolved(path, folder)
        return self._by_path.get(whole) or (self._of_sources(path, moved, whole) if self.sources else None)

    def _of_sources(self, path: str, moved: str, whole: str) -> File | None:
        if any(whole == mount or whole.startswith(f"{mount}/") for mount in self.mounts):
            return None
        relative = posixpath.normpath(posixpath.join(moved, path))
        if self.folder and whole:
            relative = posixpath.relpath(whole, self.folder)
        found = self._by_source.get(relative)
        if found is None:
            return self._by_name(whole) if whole else None
        return replace(found, path=whole or relative)

    def _by_name(self, whole: str) -> File | None:
        # Where the repository comes to lie in the image is not known: the longest path that fits is the likeliest.
        parts = whole.strip(_ROOT).split(_ROOT)
        tails = (_ROOT.join(parts[position:]) for position in range(len(parts)))
        found = next((self._by_source[tail] for tail in tails if tail in self._by_source), None)
        if found is None:
            return None
        doubt = f"that {found.origin.removeprefix(OF_IMAGE)} lies at {whole} is told by its name"
        return replace(found, path=whole, doubt=joined(found.doubt, doubt))

    @once
    def _by_source(self) -> Mapping[str, File]:
        return {file.path: file for file in self.sources}

    @once
    def _by_path(self) -> Mapping[str, File]:
        return {file.path: file for file in self.files}

    def called(self, name: str) -> Iterator[File]:
        """The files of a name, which may hold folders, in whatever folder."""
        return (file for file in self.files if file.path.endswith(f"/{name}"))


NO_FILES: Final = Files()


def resolved(path: str, folder: str) -> str:
    """A path as an absolute one without detours; empty where it is relative to a folder that is not known."""
    whole = posixpath.join(folder, path)
    return posixpath.normpath(whole) if whole.startswith(_ROOT) else ""


def sources_of(image: UnreadImage) -> tuple[File, ...]:
    """The files of the repository that an image is built from."""
    return tuple(
        File(path, f"{OF_IMAGE}{posixpath.normpath(posixpath.join(image.folder, path))}", text, doubt=image.doubt)
        for path, text in image.sources.items()
    )


def files_of(container: Container, image: Mapping[str, str], folder: str, sources: tuple[File, ...] = ()) -> Files:
    """Gather what is in sight; `image` are texts by their paths in it, `folder` is the one the container starts in."""
    volumes = {volume.name: volume for volume in container.pod.volumes if volume.config_maps}
    if not (image or volumes or sources):
        return NO_FILES
    found = [File(path, f"image: {path}", text) for path, text in image.items()]
    shown = [(_ROOT, file) for file in found]
    for mount in container.spec.volume_mounts:
        shown += [(mount.mount_path, file) for file in _mounted(container, mount, volumes.get(mount.name))]
    mounts = tuple(posixpath.normpath(mount.mount_path) for mount in container.spec.volume_mounts if mount.mount_path)
    seen = tuple(file for mount, file in shown if not _is_hidden(file.path, mount, mounts))
    return Files(seen, folder, sources, mounts if sources else ())


def _is_hidden(path: str, mount: str, mounts: tuple[str, ...]) -> bool:
    own = len(posixpath.normpath(mount))
    return any(len(other) > own and (path == other or path.startswith(f"{other}/")) for other in mounts)


def _mounted(container: Container, mount: VolumeMount, volume: Volume | None) -> Iterator[File]:
    if volume is None or mount.sub_path_expr or not mount.mount_path.startswith(_ROOT):
        return
    for config_map in volume.config_maps:
        yield from _files_of(container, mount, config_map, volume.default_mode)


def _files_of(container: Container, mount: VolumeMount, source: ConfigMapVolume, mode: int | None) -> Iterator[File]:
    found = container.workload.neighbours.config_maps.get((container.workload.identity.namespace, source.name))
    for name, key, own in _named(source, found.data if found else {}):
        path = _place(mount, name)
        if found is not None and path and key in found.data:
            allowed = next(each for each in (own, mode, _USUAL_MODE) if each is not None)
            yield File(path, f"ConfigMap {source.name}, {key}", found.data[key], bool(allowed & _EXECUTABLE))


def _named(source: ConfigMapVolume, data: Mapping[str, str]) -> Iterator[tuple[str, str, int | None]]:
    if source.items:
        yield from ((item.path, item.key, item.mode) for item in source.items)
    else:
        yield from ((key, key, None) for key in data)


def _place(mount: VolumeMount, name: str) -> str:
    # With a subPath, one file or folder of the volume lies where the mount is, and the rest is left out.
    inner = posixpath.normpath(mount.sub_path) if mount.sub_path else ""
    if name == inner:
        return posixpath.normpath(mount.mount_path)
    below = name.removeprefix(f"{inner}/") if inner else name
    return posixpath.normpath(posixpath.join(mount.mount_path, below)) if below != name or not inner else ""
