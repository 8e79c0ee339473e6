"""Finds in a repository what images are built from: its Dockerfiles, and the Compose and Skaffold files that name them.

Every run asks for it, so it looks at names alone: patterns of a `.gitignore` that are more than a name are asked later,
of the few files that somebody wants to read (`Repository.counts`).
"""

# ruff: noqa: PTH112, PTH117, PTH118, PTH120, PTH206 - as in `sources.files`

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gracekeeper.sources import gitignore
from gracekeeper.sources.files import left_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from gracekeeper.sources.exclusion import Globs

DOCKERFILES: Final = ("Containerfile", "Dockerfile")
"""What a builder reads in a folder when nobody names a file; it prefers the last of them."""

MOST: Final = 5000
"""Directories that are looked through: a fifth of a second."""

_YAML: Final = (".yaml", ".yml")
_READERS: Final = ("compose", "docker-compose", "skaffold")
_STDIN: Final = "-"
_PLAIN: Final = re.compile(r"[\w.+-]+/?", re.ASCII)


@dataclass(frozen=True)
class Repository:
    """What was found: sorted paths, each with the directory that was looked through.

    `too_large` is a directory that has too many others in it; then nothing was found.
    """

    tops: Mapping[str, str] = field(default_factory=dict)
    too_large: str = ""
    excludes: Sequence[Globs] = ()

    @property
    def dockerfiles(self) -> list[str]:
        """Those that a builder reads without being told."""
        return [path for path in self.tops if path.endswith(DOCKERFILES)]

    @property
    def others(self) -> list[str]:
        """Those that say how images are built."""
        return [path for path in self.tops if not path.endswith(DOCKERFILES)]

    def counts(self, path: str) -> bool:
        """Whether it is neither ignored by git nor excluded."""
        top = self.tops[path]
        return not left_out(os.path.relpath(path, top).split(os.sep), top, self.excludes)


def find_builds(paths: Iterable[str], excludes: Sequence[Globs]) -> Repository:
    """Look through the git repositories that the paths lie in; a directory in none of them is looked through itself.

    What git ignores, what is excluded and what is hidden is left out, as it is among manifests.
    """
    tops: dict[str, str] = {}
    left = MOST
    for top in _tops(paths):
        for found in _walk(top):
            left -= 1
            if left < 0:
                return Repository(too_large=top)
            tops.update(dict.fromkeys(found, top))
    return Repository(dict(sorted(tops.items())), excludes=tuple(excludes))


def _tops(paths: Iterable[str]) -> Iterator[str]:
    """The directories to look through, as paths that are printed like those that were given."""
    seen: set[str] = set()
    for path in sorted(set(paths)):
        directory = "." if path == _STDIN else path if os.path.isdir(path) else os.path.dirname(path) or "."
        real = os.path.realpath(directory)
        root = gitignore.root(real)
        if (root or real) not in seen and (root or os.path.isdir(path)):
            seen.add(root or real)
            yield _shown(root, directory) if root else directory


def _shown(root: str, directory: str) -> str:
    return root if os.path.isabs(directory) else os.path.relpath(root)


def _walk(top: str) -> Iterator[list[str]]:
    """What is wanted of each directory."""
    pending: list[tuple[str, AbstractSet[str]]] = [(top, frozenset())]
    while pending:
        directory, passed_over = pending.pop()
        try:
            with os.scandir(directory) as entries:
                yield _sort_in(directory, list(entries), passed_over, pending)
        except OSError:
            yield []  # where it holds manifests too, whoever reads those says so


def _sort_in(
    directory: str,
    entries: list[os.DirEntry[str]],
    passed_over: AbstractSet[str],
    pending: list[tuple[str, AbstractSet[str]]],
) -> list[str]:
    """Give the wanted files of a directory, and put the directories in it before those that are pending."""
    wanted, folders = [], []
    for entry in entries:
        name = entry.name
        if name.endswith(_YAML):
            if name.startswith(_READERS):
                wanted.append(os.path.join(directory, name))
        elif name in DOCKERFILES:
            wanted.append(os.path.join(directory, name))
        elif not name.startswith(".") and entry.is_dir(follow_symlinks=False):
            folders.append(name)
        elif name == gitignore.NAME:
            passed_over |= _plain(os.path.join(directory, name))
    pending += [(os.path.join(directory, name), passed_over) for name in folders if name not in passed_over]
    return [path for path in wanted if not os.path.isdir(path)]


def _plain(path: str) -> AbstractSet[str]:
    """The names that a `.gitignore` leaves out wherever they stand; one that it speaks of again is not among them."""
    lines = gitignore.lines(path)
    again = "\n".join(line for line in lines if line.startswith("!"))
    names = {line.rstrip("/") for line in lines if _PLAIN.fullmatch(line)}
    return frozenset(name for name in names if name not in again)
