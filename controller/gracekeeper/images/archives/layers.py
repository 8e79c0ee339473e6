"""What an image's layers tell beside its configuration: which system it is, what `sh` is, and scripts it starts by.

A layer can only be read from its start on, so no more is looked through than `_BUDGET`; what is not found is unknown.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.images.archives.storage import ArchiveError, layer
from gracekeeper_policies.process.shell.dialect import Shell

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gracekeeper.images.archives.layouts import Layer
    from gracekeeper.images.archives.storage import Storage

    Entry = tuple[str, tarfile.TarInfo, Callable[[], bytes]]

MAX_SCRIPT: Final = 256 * 2**10
"""Bytes of a script or a settings file that is read."""

_BUDGET: Final = 512 * 2**20  # bytes unpacked: two seconds; the first layer of a Debian has a hundred million
_RELEASE: Final = ("etc/os-release", "usr/lib/os-release")
_SH: Final = ("bin/sh", "usr/bin/sh")
_SHELLS: Final = {"dash": Shell.DASH, "bash": Shell.BASH, "busybox": Shell.ASH}
_PYTHON: Final = re.compile(r"#![^\n]*python")
_DELETED: Final = ".wh."
_EMPTIED: Final = ".wh..wh..opq"


class System(Struct, frozen=True):
    """The system below the application: `debian`, `alpine`, …, as its `os-release` calls it, and what `sh` is there."""

    distribution: str = ""
    shell: Shell | None = None


def system(storage: Storage, layers: Iterable[Layer]) -> System:
    """Look for the system in the lowest layers, which every image takes from its base."""
    release, shell = "", None
    for name, member, read in _entries(storage, layers, _BUDGET):
        if name in _RELEASE and member.isreg():
            release = release or _distribution(read())
        elif name in _SH and (member.issym() or member.islnk()):
            shell = shell or _SHELLS.get(posixpath.basename(member.linkname))
        if release and shell:
            break
    return System(release, shell)


def scripts(storage: Storage, layers: Sequence[Layer], paths: Iterable[str]) -> dict[str, str]:
    """The texts of files, by their absolute paths, as the uppermost layer that holds them has them."""
    wanted = {posixpath.normpath(path).lstrip("/") for path in paths}
    found: dict[str, str | None] = {}
    budget = _BUDGET
    for each in reversed(layers):
        if not wanted or budget < 0:
            break
        here: dict[str, str | None] = {}
        for name, member, read in _entries(storage, [each], budget):
            budget -= member.size
            here |= _said_of(name, wanted, member, read)
        found |= here
        wanted -= here.keys()
    return {f"/{name}": text for name, text in sorted(found.items()) if text is not None}


def _said_of(name: str, wanted: set[str], member: tarfile.TarInfo, read: Callable[[], bytes]) -> dict[str, str | None]:
    """What an entry says of the files that are looked for: the text of one, or that some are gone or something else."""
    folder, _, last = name.rpartition("/")
    if name in wanted and not member.isdir():
        return {name: _text(member, read)}
    if last == _EMPTIED:
        return {each: None for each in wanted if each.startswith(f"{folder}/")}
    gone = posixpath.join(folder, last.removeprefix(_DELETED)) if last.startswith(_DELETED) else name
    if gone == name and member.isdir():
        return {}
    # A file or a link in the place of a folder, or nothing any more: what was below it cannot be told.
    return {each: None for each in wanted if each == gone or each.startswith(f"{gone}/")}


def _text(member: tarfile.TarInfo, read: Callable[[], bytes]) -> str | None:
    if not member.isreg() or member.size > MAX_SCRIPT:
        return None
    try:
        text = read().decode("utf-8")
    except UnicodeDecodeError:
        return None
    # What pip writes for a program starts so: it says nothing that the program's name does not.
    return None if "\0" in text or _PYTHON.match(text) else text


def _entries(storage: Storage, layers: Iterable[Layer], budget: int) -> Iterator[Entry]:
    for each in layers:
        if not each.name:
            continue  # it lies elsewhere
        try:
            with storage.stream(each.name) as stream:
                for member, read in layer(stream):
                    budget -= member.size
                    if budget < 0:
                        return
                    yield posixpath.normpath(member.name).lstrip("/"), member, read
        except (ArchiveError, OSError):
            return


def _distribution(text: bytes) -> str:
    said = dict(_assignments(text.decode("utf-8", "replace")))
    # Distroless is made of Debian's packages, and has neither a shell nor anything else of it.
    return "distroless" if said.get("PRETTY_NAME") == "Distroless" else said.get("ID", "").lower()


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        try:
            yield from [(name.strip(), "".join(shlex.split(value)))] if equals else []
        except ValueError:
            continue
