"""A server's settings in one container, its configuration file included where a ConfigMap of the input holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.settings import Settings
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies import podspec
    from gracekeeper_policies.process.environment import Environment
    from gracekeeper_policies.process.server import ConfigurationFile, Server
    from gracekeeper_policies.process.settings import File
    from gracekeeper_policies.provenance import Word
    from gracekeeper_policies.workload import Container


def configuration_of(
    container: Container, server: Server, words: tuple[Word, ...], environment: Environment
) -> Settings:
    """Gather what sets the server's options; a file that is named but not in sight becomes a doubt."""
    bare = Settings(server, words, environment, {}, ())
    if server.configuration is None:
        return bare
    named = bare.get(server.configuration.option)
    if isinstance(named, Unknown):
        return Settings(server, words, environment, {}, (f"its configuration file cannot be told: {named.reason}",))
    path = str(named.value) if isinstance(named, Known) else server.configuration.implicit
    return _with_file(bare, container, server.configuration, path, explicit=isinstance(named, Known))


def _with_file(bare: Settings, container: Container, file: ConfigurationFile, path: str, *, explicit: bool) -> Settings:
    path = path.removeprefix("file:")
    found = _mounted(container, path)
    if found is None:
        # Without being named, a file is presumed absent: the image is the only place that could hold it.
        doubts = (f"it reads {path}, which is not in sight",) if explicit else ()
        return Settings(bare.server, bare.words, bare.environment, {}, doubts)
    origin, text = found
    told = _told(file.read(text), origin)
    doubts = tuple(value.reason for name, value in told.items() if not name and isinstance(value, Unknown))
    return Settings(bare.server, bare.words, bare.environment, told, doubts)


def _told(values: Mapping[str, Known[object] | Unknown], origin: str) -> File:
    return {
        name: Known(value.value, f"{origin}, {value.source}")
        if isinstance(value, Known)
        else Unknown(f"{origin}: {value.reason}")
        for name, value in values.items()
    }


def _mounted(container: Container, path: str) -> tuple[str, str] | None:
    if not path.startswith("/"):
        path = f"{container.spec.working_dir.rstrip('/')}/{path.removeprefix('./')}"
    return next((found for candidate, *found in _files(container) if candidate == path), None)  # type: ignore[return-value]


def _files(container: Container) -> Iterator[tuple[str, str, str]]:
    volumes = {volume.name: volume.config_map for volume in container.pod.volumes if volume.config_map}
    for mount in container.spec.volume_mounts:
        volume = volumes.get(mount.name)
        if volume is not None:
            yield from _files_of(container, mount, volume)


def _files_of(
    container: Container, mount: podspec.VolumeMount, volume: podspec.ConfigMapVolume
) -> Iterator[tuple[str, str, str]]:
    key = (container.workload.identity.namespace, volume.name)
    config_map = container.workload.neighbours.config_maps.get(key)
    names = {item.path: item.key for item in volume.items}
    texts = config_map.data if config_map else {}
    files = {name: texts[key] for name, key in names.items() if key in texts} if names else texts
    for name, text in files.items():
        origin = f"ConfigMap {volume.name}, {names.get(name, name)}"
        if mount.sub_path == name:
            yield mount.mount_path, origin, text
        elif not mount.sub_path:
            yield f"{mount.mount_path.rstrip('/')}/{name}", origin, text
