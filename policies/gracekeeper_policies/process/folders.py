"""Where a container can write although its root file system is read-only, and where temporary files go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.workers import variant_of
from gracekeeper_policies.provenance import Default, Known, Unknown, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.environment import Environment
    from gracekeeper_policies.process.settings import Settings
    from gracekeeper_policies.process.traits import WritableFolder
    from gracekeeper_policies.volumespec import VolumeMount

SHARED_MEMORY: Final = "/dev/shm"
"""The runtime mounts it writable into every container, 64 MiB large."""

TEMPORARY: Final = ("/tmp", "/var/tmp", "/usr/tmp")
"""Where Python's `tempfile` looks, in this order, behind what TMPDIR, TEMP and TMP name."""

_VARIABLES: Final = ("TMPDIR", "TEMP", "TMP")


def can_write(container: Container, folder: str) -> bool:
    """Whether a mount makes a folder writable: the one nearest above it decides."""
    above = [mount for mount in container.spec.volume_mounts if _holds(mount.mount_path, folder)]
    if not above:
        return _holds(SHARED_MEMORY, folder)
    return _is_writable(container, max(above, key=lambda mount: len(mount.mount_path)))


def mounted_writable(container: Container) -> tuple[str, ...]:
    """The folders that volumes make writable."""
    mounts = (mount for mount in container.spec.volume_mounts if _is_writable(container, mount))
    return tuple(mount.mount_path for mount in mounts)


def _holds(mounted: str, folder: str) -> bool:
    return f"{folder.rstrip('/')}/".startswith(f"{mounted.rstrip('/')}/")


def _is_writable(container: Container, mount: VolumeMount) -> bool:
    # A volume that the pod does not name is a StatefulSet's claim.
    volume = next((volume for volume in container.pod.volumes if volume.name == mount.name), None)
    shows_files = volume is not None and (
        volume.config_map is not None or (volume.projected is not None and bool(volume.projected.sources))
    )
    return not (mount.read_only or shows_files)


def temporary_folders(environment: Environment) -> Iterator[str | Unknown]:
    """Where Python looks for a temporary folder, but for the working directory."""
    for name in _VARIABLES:
        variable = environment.variables.get(name)
        if isinstance(variable, Unknown):
            yield variable
        elif isinstance(variable, Known) and variable.value:
            yield variable.value
    yield from TEMPORARY


class Lack(Struct, frozen=True):
    """A folder that a server needs and cannot write to; `writable` are the folders that volumes make so."""

    folder: str
    writable: tuple[str, ...]
    doubt: str


def lack_of(container: Container, settings: Settings, working_dir: str) -> Lack | None:
    """What the server lacks of the folder it writes to at its start; None where it has it, or where nobody can tell."""
    writes = settings.server.writes
    if writes is None or not _is_written(settings, writes):
        return None
    named = settings.get(writes.option) if writes.option else Default(None, "")
    match named:
        case Known():
            return _lack_of_named(container, str(named.value), working_dir, is_file=writes.is_file)
        case Default() if writes.temporary:
            return _lack_of_temporary(container, settings.environment, working_dir, named.doubt)
        case Default():
            return _lack_of_any(container, (), working_dir, "its working directory", named.doubt)
    return None


def _is_written(settings: Settings, writes: WritableFolder) -> bool:
    if writes.variants and variant_of(settings) not in writes.variants:
        return False
    return not writes.unless or isinstance(settings.get(writes.unless), Default)


def _lack_of_named(container: Container, path: str, working_dir: str, *, is_file: bool) -> Lack | None:
    folder = path.rpartition("/")[0] if is_file else path
    if not folder.startswith("/"):
        if not working_dir:
            return None
        folder = f"{working_dir}/{folder}"
    return None if can_write(container, folder) else Lack(folder, mounted_writable(container), "")


def _lack_of_temporary(container: Container, environment: Environment, working_dir: str, doubt: str) -> Lack | None:
    folders = [*temporary_folders(environment)]
    known = tuple(folder for folder in folders if isinstance(folder, str))
    if len(known) < len(folders):
        return None
    unseen = "" if doubt else joined(*(f"{source} may set TMPDIR" for source in environment.unseen))
    return _lack_of_any(container, known, working_dir, "a temporary folder", joined(doubt, unseen))


def _lack_of_any(
    container: Container, folders: tuple[str, ...], working_dir: str, name: str, doubt: str
) -> Lack | None:
    # Last of all, Python takes the working directory for temporary files.
    if any(can_write(container, folder) for folder in (*folders, *filter(None, (working_dir,)))):
        return None
    writable = mounted_writable(container)
    started = f"it may start in {writable[0]}" if writable and not working_dir else ""
    return Lack(name, writable, joined(doubt, started))
