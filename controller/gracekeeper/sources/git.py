"""Manifests as they stand in a git revision: `git:REV:PATH`.

What could be read of it is laid out in a folder, and read there as any directory is: exclusions, patches of overlays
and templates of charts mean the same. Blobs are taken as they are, without filters and export attributes, so that
nothing is left out in silence. What a revision holds is not ignored by git, whatever its `.gitignore` says.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.sources import kustomize_patches
from gracekeeper.sources.files import SUFFIXES, Tree
from gracekeeper.sources.input import REVISION
from gracekeeper.sources.problems import Skipped
from gracekeeper.sources.programs import NothingThereError, ProgramError, find, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_NAMES: Final = frozenset(kustomize_patches.NAMES)
_HEADER: Final = 200  # a header is a name of 40 or 64 digits, a kind and a size
_LINK: Final = "120000"
_FILES: Final = ("100644", "100755", _LINK)
_COMMIT: Final = "160000"
_SUBMODULE: Final = "a submodule, whose files another repository holds; check it there"
_LEADS_OUT: Final = "a symbolic link that leads out of the revision"
_SHALLOW: Final = "which was cloned without its history; `git fetch --unshallow` gets it"
_NO_REVISION: Final = ("fatal: Needed a single revision", "")


@dataclass(frozen=True)
class Revision:
    """A path in a revision; `path` starts at the repository's root, as git's own `REV:PATH` does."""

    name: str
    path: str

    @staticmethod
    def parse(text: str) -> Revision:
        """Read `git:REV:PATH`; the path may be empty.

        Raises:
            ProgramError: it has no second colon, or no revision.
        """
        name, colon, path = text.removeprefix(REVISION).partition(":")
        if not (name and colon) or name.startswith("-"):
            raise ProgramError(f"`{text}` names no revision and path, expected git:REV:PATH such as git:main:deploy")
        return Revision(name, path)

    def __str__(self) -> str:
        """As it is given on the command line."""
        return f"{REVISION}{self.name}:{self.path}"


@dataclass(frozen=True)
class _Blob:
    mode: str
    object: str
    path: str


def laid_out(revision: Revision, folder: Path) -> Tree:
    """Write what can be read of a revision's path into an empty folder.

    Raises:
        ProgramError: git is missing, this is no repository, or it has no such revision.
        NothingThereError: the revision has no such path.
    """
    git = find("git")
    path = _from_root(git, revision.path)
    tree = _tree(git, revision)
    listed = run((git, "--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", tree, "--", path))
    blobs = [_blob(entry) for entry in listed.split(b"\0")[:-1]]
    if not any(blob.mode in _FILES for blob in blobs):
        raise NothingThereError(_nothing(revision, blobs))
    wanted = [blob for blob in blobs if blob.mode in _FILES and (blob.path == path or _is_read(blob))]
    contents = _contents(git, wanted)
    skipped = [Skipped(str(Revision(revision.name, blob.path)), _SUBMODULE) for blob in blobs if blob.mode == _COMMIT]
    # Links come last, so that nothing is written through one.
    for blob, content in sorted(zip(wanted, contents, strict=True), key=lambda pair: pair[0].mode == _LINK):
        if blob.mode == _LINK and _leads_out(blob, content):
            skipped.append(Skipped(str(Revision(revision.name, blob.path)), _LEADS_OUT))
        else:
            _write(folder / blob.path, blob, content)
    top = folder / path
    if not os.path.lexists(top):
        top.mkdir(parents=True)
    shown = Revision(revision.name, "" if path == "." else path)
    return Tree(str(top), str(shown), str(folder), _origin(git), tuple(skipped))


def _nothing(revision: Revision, blobs: Sequence[_Blob]) -> str:
    if any(blob.mode == _COMMIT for blob in blobs):
        return f"{revision.path} is {_SUBMODULE}"
    return f"there is no {revision.path or 'file'} in {revision.name}"


def _origin(git: str) -> str:
    """The top of the working tree; of a bare repository, which has none, its own folder."""
    bare = run((git, "rev-parse", "--is-bare-repository")).strip() == b"true"
    place = "--absolute-git-dir" if bare else "--show-toplevel"
    return os.path.realpath(os.fsdecode(run((git, "rev-parse", place))).rstrip("\n"))


def _leads_out(blob: _Blob, content: bytes) -> bool:
    """Whether a link leads to what the revision does not hold, such as a file of this machine."""
    target = os.fsdecode(content)
    way = posixpath.normpath(posixpath.join(posixpath.dirname(blob.path), target))
    return target.startswith("/") or way == ".." or way.startswith("../")


def _from_root(git: str, path: str) -> str:
    """A path that starts with `./` is relative to the working directory, as in git's own `REV:./PATH`."""
    prefix = os.fsdecode(run((git, "rev-parse", "--show-prefix"))).rstrip("\n")
    return posixpath.normpath(prefix + path if path.startswith(".") else path or ".")


def _tree(git: str, revision: Revision) -> str:
    try:
        return run((git, "rev-parse", "--verify", "--end-of-options", f"{revision.name}^{{tree}}")).decode().strip()
    except ProgramError as error:
        words = "" if error.words in _NO_REVISION else f": {error.words}"
        shallow = run((git, "rev-parse", "--is-shallow-repository")).strip() == b"true"
        hint = f", {_SHALLOW}" if shallow else ""
        raise ProgramError(f"there is no revision `{revision.name}` in this repository{hint}{words}") from None


def _blob(entry: bytes) -> _Blob:
    attributes, _, path = os.fsdecode(entry).partition("\t")
    mode, _kind, name = attributes.split(" ")
    return _Blob(mode, name, path)


def _is_read(blob: _Blob) -> bool:
    name = posixpath.basename(blob.path)
    return name in _NAMES or name.lower().endswith(SUFFIXES)


def _contents(git: str, blobs: Sequence[_Blob]) -> Iterator[bytes]:
    """The blobs' contents, by one process: each stands behind a line that ends with its size."""
    answer = run((git, "cat-file", "--batch"), stdin="".join(f"{blob.object}\n" for blob in blobs).encode())
    start = 0
    for _ in blobs:
        header, _newline, _rest = answer[start : start + _HEADER].partition(b"\n")
        start += len(header) + 1
        end = start + int(header.rpartition(b" ")[2])
        yield answer[start:end]
        start = end + 1


def _write(path: Path, blob: _Blob, content: bytes) -> None:
    if ".." in path.parts:
        raise ProgramError(f"the revision holds the path `{blob.path}`, which leads out of it")
    path.parent.mkdir(parents=True, exist_ok=True)
    if blob.mode == _LINK:
        path.symlink_to(os.fsdecode(content))
    else:
        path.write_bytes(content)
