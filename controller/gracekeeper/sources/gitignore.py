"""Finds what git ignores: `.gitignore` files from the repository's root down, and its `info/exclude`.

A user's own excludes file (`core.excludesFile`) does not count: it differs from machine to machine, and a verdict does
not. Outside of a repository the `.gitignore` files of what is searched count alone.
"""

# ruff: noqa: PTH118, PTH123 - as in `files`

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.exclusion import Globs, Level
from gracekeeper.sources.limits import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Container

    from gracekeeper.sources.exclusion import Levels

REASON: Final = "ignored by git"
"""What is said of what is left out."""

NAME: Final = ".gitignore"
"""The file that says what git ignores in its directory and below."""

_REPOSITORY: Final = ".git"
_POINTER: Final = "gitdir: "  # what a worktree or a submodule has in the place of its repository
_BYTE_ORDER_MARK: Final = "\ufeff"


def above(top: str) -> Levels:
    """What is ignored in a directory by the patterns above it; `top` is a path without links.

    A directory that is itself ignored was named on purpose: then nothing above it counts.
    """
    way = _way(top)
    levels: Levels = ()
    for directory, name in way:
        levels = entered(levels, directory, names_in(directory))
        if _ignored(levels, name):
            return ()
        levels = tuple(level.below(name) for level in levels)
    return levels


def root(directory: str) -> str:
    """The repository that a directory lies in, which is a path without links; empty where it lies in none."""
    way = _way(directory)
    return way[0][0] if way else directory if _is_there(directory, _REPOSITORY) else ""


def names_in(directory: str) -> list[str]:
    """Of the names in a directory those that `entered` asks for."""
    return [each for each in (NAME, _REPOSITORY) if _is_there(directory, each)]


def entered(levels: Levels, directory: str, names: Container[str]) -> Levels:
    """Add what a directory, which holds these names, ignores by itself; a repository in a repository is its own."""
    if _REPOSITORY in names:
        levels = _level(os.path.join(_repository(directory), "info", "exclude"), directory)
    return _level(os.path.join(directory, NAME), directory) + levels if NAME in names else levels


def _way(top: str) -> list[tuple[str, str]]:
    """The directories from the repository's root down to one, each with the next one's name; empty without a root."""
    way: list[tuple[str, str]] = []
    directory = top
    while not _is_there(directory, _REPOSITORY):
        directory, name = os.path.split(directory)
        if not name:
            return []
        way.insert(0, (directory, name))
    return way


def _is_there(directory: str, name: str) -> bool:
    return os.path.lexists(os.path.join(directory, name))


def _ignored(levels: Levels, name: str) -> bool:
    verdicts = (level.verdict(f"{name}/") for level in levels)
    return next((verdict for verdict in verdicts if verdict is not None), False)


def _repository(directory: str) -> str:
    """Where a checkout keeps its settings: its `.git`, or what that points to."""
    place = os.path.join(directory, _REPOSITORY)
    for line in lines(place)[:1]:
        own = os.path.join(directory, line.removeprefix(_POINTER))
        shared = lines(os.path.join(own, "commondir"))[:1]
        return os.path.join(own, *shared)
    return place


def _level(path: str, directory: str) -> Levels:
    patterns = tuple(line for line in lines(path) if line and not line.startswith("#"))
    return (Level(Globs(patterns, directory, REASON)),) if patterns else ()


def lines(path: str) -> list[str]:
    """The lines of a regular file, without links, as git reads them; none where it cannot be read."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return []
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return []
    return [line.removesuffix("\r") for line in text.removeprefix(_BYTE_ORDER_MARK).split("\n")]
