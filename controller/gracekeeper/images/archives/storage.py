"""Where the pieces of an image archive lie: in a directory, or in a tar file, which may be compressed by gzip.

No more of an archive is held in memory than the small texts that are asked for, however large it says its pieces are.
"""

# ruff: noqa: PTH112, PTH116, PTH118, PTH123 - paths are kept as they were given, to be printed so

from __future__ import annotations

import gzip
import os
import re
import stat
import tarfile
import zlib
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_TEXT: Final = 4 * 2**20
"""Bytes of an index, a manifest or a configuration: no registry takes a larger manifest, and most have thousands."""

_MAX_MEMBERS: Final = 50_000
_MAX_UNPACKED: Final = 64 * 2**30
_SMALL: Final = 64 * 2**10
_MAX_KEPT: Final = 16 * 2**20
_HEX: Final = re.compile(r"([0-9a-f]{12})[0-9a-f]{52,}")
_GZIP: Final = b"\x1f\x8b"
_OTHER_COMPRESSION: Final = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zXZ\0", "xz"), (b"BZh", "bzip2"))
_BROKEN: Final = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError)


class ArchiveError(Exception):
    """An archive that cannot be used; the message is a sentence about it, for the user."""


class Storage(Protocol):
    """The pieces of an archive, by their names: paths with slashes, relative to its root."""

    def size(self, name: str) -> int | None:
        """How many bytes a piece has; None where it is missing."""

    def text(self, name: str) -> bytes:
        """Give a piece that is no larger than `MAX_TEXT`.

        Raises:
            ArchiveError: it is missing, larger, or cannot be read.
        """

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a piece of any size, which is there, to be read from its start to its end."""


class Folder:
    """A directory."""

    def __init__(self, path: str) -> None:
        """Ask for nothing yet."""
        self._path = path

    def size(self, name: str) -> int | None:
        """How many bytes a piece has; None where it is missing, or no regular file."""
        try:
            status = os.stat(os.path.join(self._path, name))
        except OSError:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def text(self, name: str) -> bytes:
        """Give a small piece."""
        _refuse_size(name, self.size(name))
        try:
            with self.stream(name) as file:
                return file.read(MAX_TEXT)
        except OSError as error:
            raise ArchiveError(f"its {name} cannot be read: {_reason(error)}") from None

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a piece."""
        with open(os.path.join(self._path, name), "rb") as file:
            yield file


class TarFile:
    """A tar file. It is gone through once, when it is opened; small pieces are kept, for gzip cannot go back."""

    def __init__(self, file: IO[bytes]) -> None:
        """Go through the whole file.

        Raises:
            ArchiveError: it is no tar file, or it breaks off.
        """
        self._members: dict[str, tarfile.TarInfo] = {}
        self._kept: dict[str, bytes] = {}
        self._room = _MAX_KEPT
        try:
            self._tar = tarfile.open(fileobj=_bounded(_unpacked(file)), mode="r:")  # noqa: SIM115 - as long as the file
            self._go_through()
        except _BROKEN as error:
            raise ArchiveError(_trouble(error, is_tar=bool(self._members))) from None

    def _go_through(self) -> None:
        for number, member in enumerate(_members(self._tar)):
            if number == _MAX_MEMBERS or member.offset > _MAX_UNPACKED:
                raise ArchiveError("it holds more than an image archive does: no image, or a trap")
            name = member.name.removeprefix("./")
            self._members.setdefault(name, member)
            if member.isreg() and member.size <= min(_SMALL, self._room):
                self._kept[name] = self._read(member)
                self._room -= member.size

    def size(self, name: str) -> int | None:
        """How many bytes a piece has; None where it is missing."""
        member = self._found(name)
        return member.size if member and member.isreg() else None

    def text(self, name: str) -> bytes:
        """Give a small piece."""
        _refuse_size(name, self.size(name))
        if name in self._kept:
            return self._kept[name]
        try:
            return self._read(self._members[name])
        except _BROKEN as error:
            raise ArchiveError(_trouble(error, is_tar=True)) from None

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a piece."""
        member = self._found(name)
        file = self._tar.extractfile(member) if member else None
        if file is None:
            raise ArchiveError(f"its {name} is missing")
        with file:
            yield file

    def _found(self, name: str) -> tarfile.TarInfo | None:
        member = self._members.get(name)
        if member is None or not member.issym():
            return member
        # `docker save` wrote a layer that two images share once, and links to it.
        return self._members.get(os.path.normpath(os.path.join(os.path.dirname(name), member.linkname)))  # noqa: PTH120

    def _read(self, member: tarfile.TarInfo) -> bytes:
        file = self._tar.extractfile(member)
        data = file.read(MAX_TEXT) if file else b""
        if len(data) < member.size:
            raise EOFError
        return data


@contextmanager
def opened(path: str) -> Iterator[Storage]:
    """Open what lies at a path.

    Raises:
        ArchiveError: there is neither a directory nor a tar file.
    """
    if os.path.isdir(path):
        yield Folder(path)
        return
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ArchiveError("is neither a file nor a directory, expected an image archive")
        file = open(path, "rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise ArchiveError(f"cannot be read: {_reason(error)}") from None
    with file:
        yield TarFile(file)


def layer(stream: IO[bytes]) -> Iterator[tuple[tarfile.TarInfo, Callable[[], bytes]]]:
    """The entries of a layer, each with what reads it, as long as it is the newest one.

    What is broken, or compressed in a way that is not known here, ends early: nothing more can be told from it.
    """
    try:
        with tarfile.open(fileobj=_bounded(_unpacked(stream)), mode="r:") as tar:
            for member in _members(tar):
                yield member, partial(_content, tar, member)
    except (*_BROKEN, ArchiveError):
        return


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in iter(tar.next, None):
        # A list of all of them, which nobody asks for.
        tar.members.clear()  # type: ignore[attr-defined]
        yield member


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    try:
        file = tar.extractfile(member) if member.isreg() else None
        return file.read(MAX_TEXT) if file else b""
    except _BROKEN:
        return b""


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    start = file.read(6)
    file.seek(0)
    other = next((name for mark, name in _OTHER_COMPRESSION if start.startswith(mark)), None)
    if other:
        raise ArchiveError(f"is compressed by {other}, expected a tar file, plain or compressed by gzip")
    return gzip.GzipFile(fileobj=file) if start.startswith(_GZIP) else file  # type: ignore[return-value]


class _Bounded:
    """A file of which no piece is read at once that is larger than any text: names in a tar file may claim to be."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= 2 * MAX_TEXT:
            raise tarfile.ReadError("a piece is too large")
        return self._file.read(size)


def _bounded(file: IO[bytes]) -> IO[bytes]:
    return _Bounded(file)  # type: ignore[return-value]


def short(name: str) -> str:
    """A digest, or a name with one in it, as a person compares it."""
    return _HEX.sub(r"\1…", name)


def _refuse_size(name: str, size: int | None) -> None:
    if size is None:
        raise ArchiveError(f"its {short(name)} is missing")
    if size > MAX_TEXT:
        raise ArchiveError(f"its {short(name)} has {size / 2**20:,.0f} MiB, expected {MAX_TEXT // 2**20} MiB at most")


def _trouble(error: Exception, *, is_tar: bool) -> str:
    if is_tar or isinstance(error, EOFError | zlib.error):
        return "is broken or cut off: it cannot be read to its end"
    return "is no image archive, expected an OCI layout or what `docker save` writes"


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return (reason or "unknown error").lower()
