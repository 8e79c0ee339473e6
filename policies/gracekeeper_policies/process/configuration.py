"""A server's settings in one container, its configuration file included where a ConfigMap of the input holds it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.process.environment import Environment
from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.process.settings import Settings
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies import volumespec
    from gracekeeper_policies.process.environment import Variable
    from gracekeeper_policies.process.server import ConfigurationFile, Server
    from gracekeeper_policies.process.settings import File
    from gracekeeper_policies.provenance import Word
    from gracekeeper_policies.workload import Container


def configuration_of(
    container: Container, server: Server, words: tuple[Word, ...], environment: Environment
) -> Settings:
    """Gather what sets the server's options; a file that is named but not in sight becomes a doubt."""
    bare = _settings(server, words, environment)
    if server.configuration is None:
        return bare
    named = bare.get(server.configuration.option)
    if isinstance(named, Unknown):
        return _settings(server, words, environment, (f"its configuration file cannot be told: {named.reason}",))
    path = str(named.value) if isinstance(named, Known) else server.configuration.implicit
    return _with_file(bare, container, server.configuration, path, explicit=isinstance(named, Known))


def _with_file(bare: Settings, container: Container, file: ConfigurationFile, path: str, *, explicit: bool) -> Settings:
    path = path.removeprefix("file:")
    found = _mounted(container, path)
    if found is None:
        # Without being named, a file is presumed absent: the image is the only place that could hold it.
        doubts = (f"it reads {path}, which is not in sight",) if explicit else _unplaced(container, path)
        return _settings(bare.server, bare.words, bare.environment, doubts)
    told = _told(file.read(found.text), found.origin)
    unread = tuple(value.reason for name, value in told.items() if not name and isinstance(value, Unknown))
    return Settings(bare.server, bare.words, bare.environment, told, unread)


def _settings(
    server: Server, words: tuple[Word, ...], environment: Environment, doubts: tuple[str, ...] = ()
) -> Settings:
    return _alike(server, words, tuple(environment.variables.items()), environment.unseen, doubts)


@lru_cache(maxsize=ALIKE)
def _alike(
    server: Server,
    words: tuple[Word, ...],
    variables: tuple[tuple[str, Variable], ...],
    unseen: tuple[str, ...],
    doubts: tuple[str, ...],
) -> Settings:
    """One object for all containers that set a server's options alike, so that each is worked out once."""
    return Settings(server, words, Environment(dict(variables), unseen), {}, doubts)


def _told(values: Mapping[str, Known[object] | Unknown], origin: str) -> File:
    return {
        name: Known(value.value, f"{origin}, {value.source}")
        if isinstance(value, Known)
        else Unknown(f"{origin}: {value.reason}")
        for name, value in values.items()
    }


def _unplaced(container: Container, name: str) -> tuple[str, ...]:
    # Without a workingDir, the folder the server starts in is told by the image or by a script.
    files = () if container.spec.working_dir else _files(container)
    found = [file.path for file in files if file.path.rpartition("/")[2] == name]
    return tuple(f"{path} is mounted, and it may start in that folder" for path in found)


class _File(Struct, frozen=True):
    """A file that a ConfigMap puts into the container, and how people would name its origin."""

    path: str
    origin: str
    text: str


def _mounted(container: Container, path: str) -> _File | None:
    if not path.startswith("/"):
        path = f"{container.spec.working_dir.rstrip('/')}/{path.removeprefix('./')}"
    return next((file for file in _files(container) if file.path == path), None)


def _files(container: Container) -> Iterator[_File]:
    volumes = {volume.name: volume.config_maps for volume in container.pod.volumes}
    for mount in container.spec.volume_mounts:
        for config_map in volumes.get(mount.name, ()):
            yield from _files_of(container, mount, config_map)


def _files_of(
    container: Container, mount: volumespec.VolumeMount, volume: volumespec.ConfigMapVolume
) -> Iterator[_File]:
    for name, key, text in _texts(container, volume):
        origin = f"ConfigMap {volume.name}, {key}"
        if mount.sub_path == name:
            yield _File(mount.mount_path, origin, text)
        elif not mount.sub_path:
            yield _File(f"{mount.mount_path.rstrip('/')}/{name}", origin, text)


def _texts(container: Container, volume: volumespec.ConfigMapVolume) -> Iterator[tuple[str, str, str]]:
    config_map = container.workload.neighbours.config_maps.get((container.workload.identity.namespace, volume.name))
    data = config_map.data if config_map else {}
    keys = {item.path: item.key for item in volume.items} or {key: key for key in data}
    yield from ((name, key, data[key]) for name, key in keys.items() if key in data)
