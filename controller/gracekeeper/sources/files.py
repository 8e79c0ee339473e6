"""Which files an input is made of: named ones, and those found in named directories."""

# ruff: noqa: PTH112, PTH114, PTH116, PTH118, PTH123 - of thousands of files each is asked several questions, and `pathlib` answers three times slower

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper.sources import gitignore
from gracekeeper.sources.exclusion import Exclusion, excluding
from gracekeeper.sources.limits import MAX_BYTES, TOO_LARGE
from gracekeeper.sources.problems import Problem, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper.sources.exclusion import Globs

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""What is read in a directory; a file named on the command line may be called anything."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CHART: Final = "Chart.yaml"
_TEMPLATES: Final = "templates of a Helm chart; judge them rendered: `gracekeeper check --helm CHART`"
_LINK: Final = "a symbolic link to a directory, which is not followed; name it to have it read"
_KINDS: Final = (
    (stat.S_ISDIR, "is a directory, expected a file"),
    (stat.S_ISFIFO, "is a pipe, expected a file; pass its content on standard input: `gracekeeper check -`"),
    (stat.S_ISSOCK, "is a socket, expected a file"),
    (lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode), "is a device, expected a file"),
)


class UnreadableError(Exception):
    """A file whose bytes cannot be had; the message is a sentence for the user."""


class File(Struct, frozen=True):
    """A file to read: `shown` is what is printed, `path` what is opened, `named` whether the user asked for it by name.

    `real` is the path without links, by which a file met twice is known again.
    """

    shown: str
    path: str
    named: bool
    real: str


class Found(Struct, frozen=True):
    """What lies at the named paths, each sorted."""

    files: tuple[File, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]

    def joined(self, other: Found) -> Found:
        """What lies in either; a file that both hold is read once."""
        files = {file.real: file for file in (*other.files, *self.files)}
        return Found(
            tuple(sorted(files.values(), key=lambda file: file.shown)),
            tuple(sorted((*self.problems, *other.problems))),
            tuple(sorted((*self.skipped, *other.skipped))),
        )


def find(paths: Iterable[str], excludes: Iterable[Globs] = ()) -> Found:
    """Collect files, each once, in an order that does not depend on that of `paths`.

    Directories are searched for `SUFFIXES`, but not hidden directories below them, nor what git ignores or `excludes`
    name, nor the templates of Helm charts, nor links to directories; of all but the first it is said. What is named in
    `paths` is never left out.
    """
    search = _Search(tuple(excludes))
    for path in sorted(set(paths)):
        if os.path.isdir(path):
            search.directory(path)
        else:
            search.add(path, named=True, link=os.path.islink(path))
    return search.found()


class Tree(Struct, frozen=True):
    """Files laid out in a folder that stand for others.

    `top` is what is searched, a file or a directory, and `shown` is printed in its place. What `excludes` say of
    `origin` holds of `root`; all three are paths without links. `skipped` was not laid out.
    """

    top: str
    shown: str
    root: str
    origin: str
    skipped: tuple[Skipped, ...] = ()


def find_in(tree: Tree, excludes: Iterable[Globs] = ()) -> Found:
    """Collect the files of a tree, as `find` does."""
    found = find((tree.top,), (_moved(each, tree) for each in excludes))

    def name(file: str) -> str:
        rest = file.removeprefix(show(tree.top))
        return tree.shown + (rest.removeprefix("/") if tree.shown.endswith(":") else rest)

    return Found(
        tuple(replace(each, shown=name(each.shown)) for each in found.files),
        tuple(replace(each, file=name(each.file)) for each in found.problems),
        (*(replace(each, file=name(each.file)) for each in found.skipped), *tree.skipped),
    )


def _moved(globs: Globs, tree: Tree) -> Globs:
    way = os.path.relpath(globs.folder, tree.origin)
    return globs if way.startswith(os.pardir) else changed(globs, folder=os.path.normpath(os.path.join(tree.root, way)))


def left_out(way: Iterable[str], top: str, excludes: Iterable[Globs]) -> str:
    """Why a file below a directory is left out when that is searched, empty when it is not; `way` leads there by name.

    For a few files this is cheaper than a search, which asks of every directory.
    """
    *folders, name = way
    directory = os.path.realpath(top)
    exclusion = Exclusion(gitignore.above(directory), excluding(directory, excludes))
    for folder in folders:
        exclusion = _entered(exclusion, directory)
        reason = exclusion.reason(f"{folder}/")
        if reason:
            return reason
        directory, exclusion = os.path.join(directory, folder), exclusion.below(folder)
    return _entered(exclusion, directory).reason(name)


def _entered(exclusion: Exclusion, directory: str) -> Exclusion:
    names = gitignore.names_in(directory)
    return Exclusion(gitignore.entered(exclusion.ignored, directory, names), exclusion.excluded)


def show(path: str) -> str:
    r"""Print a path: slashes on every system, no `./`, and `\xe9` for what is not UTF-8 or controls a terminal."""
    text = os.path.normpath(path).replace(os.sep, "/")
    if not text.isprintable():
        text = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_bytes(path: str) -> bytes:
    """Give a file's content. UnreadableError: it is missing, no regular file, not permitted, too large."""
    try:
        status = os.stat(path)
        refusal = next((text for matches, text in _KINDS if matches(status.st_mode)), None)
        if refusal or status.st_size > MAX_BYTES:
            raise UnreadableError(refusal or TOO_LARGE)
        with open(path, "rb") as file:
            return file.read(MAX_BYTES)
    except (OSError, ValueError) as error:
        raise UnreadableError(_reason(error)) from None


def _reason(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read: {(reason or 'unknown error').lower()}"


class _Search:
    """Files while they are found."""

    def __init__(self, excludes: tuple[Globs, ...]) -> None:
        self._excludes = excludes
        self._files: list[File] = []
        self._problems: list[Problem] = []
        self._skipped: set[Skipped] = set()
        self._real_directories: dict[str, str] = {}

    def found(self) -> Found:
        """Each file once, under the name the user gave it if there is one."""
        kept: dict[str, File] = {}
        for file in sorted(self._files, key=lambda file: (not file.named, file.shown)):
            kept.setdefault(file.real, file)
        files = sorted(kept.values(), key=lambda file: file.shown)
        read = {file.shown for file in files}
        skipped = sorted(skipped for skipped in self._skipped if skipped.file not in read)
        return Found(tuple(files), tuple(sorted(self._problems)), tuple(skipped))

    def add(self, path: str, *, named: bool, link: bool) -> None:
        """Take a file in."""
        self._files.append(File(show(path), path, named, os.path.realpath(path) if link else self._real(path)))

    def directory(self, top: str) -> None:
        """Go through a directory and all below; a stack of our own, so that no depth of directories is too deep."""
        pending = [(top, self._above(top))]
        while pending:
            directory, exclusion = pending.pop()
            try:
                with os.scandir(directory) as entries:
                    pending += self._enter(directory, list(entries), exclusion)
            except OSError as error:
                self._problems.append(Problem(show(directory), 0, 0, _reason(error)))

    def _above(self, top: str) -> Exclusion:
        real = os.path.realpath(top)
        return Exclusion(gitignore.above(real), excluding(real, self._excludes))

    def _enter(
        self, directory: str, entries: list[os.DirEntry[str]], exclusion: Exclusion
    ) -> Iterator[tuple[str, Exclusion]]:
        """Collect the files of one directory, and give the directories to enter."""
        names = {entry.name for entry in entries}
        exclusion = Exclusion(gitignore.entered(exclusion.ignored, directory, names), exclusion.excluded)
        for entry in entries:
            if not _is_directory(entry):
                self._take(entry, exclusion)
            elif not entry.name.startswith("."):
                reason = exclusion.reason(f"{entry.name}/") or _closed(entry, is_chart=_CHART in names)
                if reason:
                    self._skipped.add(Skipped(show(entry.path), reason))
                else:
                    yield entry.path, exclusion.below(entry.name)

    def _take(self, entry: os.DirEntry[str], exclusion: Exclusion) -> None:
        if not entry.name.lower().endswith(SUFFIXES):
            return
        reason = exclusion.reason(entry.name)
        if reason:
            self._skipped.add(Skipped(show(entry.path), reason))
        else:
            self.add(entry.path, named=False, link=entry.is_symlink())

    def _real(self, path: str) -> str:
        """Like `os.path.realpath` for what is no link, but asking for a directory once, not for each of its files."""
        directory, name = os.path.split(path)
        if directory not in self._real_directories:
            self._real_directories[directory] = os.path.realpath(directory)
        return os.path.join(self._real_directories[directory], name)


def _is_directory(entry: os.DirEntry[str]) -> bool:
    """A link that leads round in circles is none; why it cannot be read is found out when it is."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _closed(entry: os.DirEntry[str], *, is_chart: bool) -> str:
    """Why a directory is not entered; empty when it is."""
    if entry.is_symlink():
        return _LINK
    return _TEMPLATES if is_chart and entry.name == "templates" else ""
