"""A server's settings in one container, its configuration file included where a ConfigMap of the input holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.environment import Environment
from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.process.settings import Settings
from gracekeeper_policies.process.splicing import spliced
from gracekeeper_policies.provenance import Known, Unknown
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.environment import Variable
    from gracekeeper_policies.process.files import Files
    from gracekeeper_policies.process.server import ConfigurationFile, Server
    from gracekeeper_policies.process.settings import File
    from gracekeeper_policies.provenance import Word


def configuration_of(server: Server, words: tuple[Word, ...], environment: Environment, files: Files) -> Settings:
    """Gather what sets the server's options; a file that is named but not in sight becomes a doubt."""
    if server.configuration is None:
        return _settings(server, words, environment)
    if server.configuration.words is not None:
        told = spliced(server, words, environment, files)
        return _settings(server, told.words, environment, told.doubts, told.file_doubt)
    bare = _settings(server, words, environment)
    named = bare.get(server.configuration.option) if server.configuration.option else None
    if isinstance(named, Unknown):
        return _settings(server, words, environment, (f"its configuration file cannot be told: {named.reason}",))
    name = str(named.value) if isinstance(named, Known) else server.configuration.implicit
    return _with_file(bare, files, server.configuration, name, explicit=isinstance(named, Known)) if name else bare


def _with_file(bare: Settings, files: Files, file: ConfigurationFile, name: str, *, explicit: bool) -> Settings:
    path = file.path(name) if file.path else name
    found = files.at(path)
    further = _further(file, name, files, found.path if found else "") if file.elsewhere else {}
    if file.read is None or not (found or further):
        # Without being named, a file is presumed absent: the image is the only place that could hold it.
        doubts = (f"it reads {path}, which is not in sight",) if explicit else _unplaced(files, path)
        return _settings(bare.server, bare.words, bare.environment, doubts)
    told = {**(_told(file.read(name, found.text), found.origin) if found else {}), **further}
    unread = tuple(value.reason for name, value in told.items() if not name and isinstance(value, Unknown))
    return Settings(bare.server, bare.words, bare.environment, told, unread, found.doubt if found else "")


def _settings(
    server: Server,
    words: tuple[Word, ...],
    environment: Environment,
    doubts: tuple[str, ...] = (),
    file_doubt: str = "",
) -> Settings:
    return _alike(server, words, tuple(environment.variables.items()), environment.unseen, doubts, file_doubt)


@remembered(ALIKE)
def _alike(
    server: Server,
    words: tuple[Word, ...],
    variables: tuple[tuple[str, Variable], ...],
    unseen: tuple[str, ...],
    doubts: tuple[str, ...],
    file_doubt: str,
) -> Settings:
    """One object for all containers that set a server's options alike, so that each is worked out once."""
    return Settings(server, words, Environment(dict(variables), unseen), {}, doubts, file_doubt)


def _told(values: Mapping[str, Known[object] | Unknown], origin: str) -> File:
    return {
        name: Known(value.value, f"{origin}, {value.source}")
        if isinstance(value, Known)
        else Unknown(f"{origin}: {value.reason}")
        for name, value in values.items()
    }


def _further(file: ConfigurationFile, name: str, files: Files, read: str) -> File:
    # Which of several counts depends on whose folder it is: what one of the others sets is not told.
    others = [other for other in files.called(name) if other.path != read]
    return {
        setting: Unknown(f"{other.path} may set it, too")
        for other in others
        for setting in (file.read(name, other.text) if file.read else ())
    }


def _unplaced(files: Files, name: str) -> tuple[str, ...]:
    # Without a workingDir, the folder the server starts in is told by the image or by a script.
    found = () if files.folder else files.called(name)
    return tuple(f"{file.path} is mounted, and it may start in that folder" for file in found)
