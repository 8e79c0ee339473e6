"""The folder that an image is built from: what COPY can reach, and what `.dockerignore` keeps from it."""

from __future__ import annotations

import os
import posixpath
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from e2b_dockerfile_utils import PatternMatcher
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_FILE: Final = 256 * 2**10
"""The size of a script or of settings; what is larger is something else."""

_MOST_VISITED: Final = 5_000
"""Files and folders that are looked at in search of scripts."""

_FARTHEST: Final = 8
"""Folders above a Dockerfile that may be its context."""

_DEEPEST: Final = 32
"""Folders in one another that a pattern may lead through."""

_WILD: Final = "*?["
_SETTINGS: Final = re.compile(
    r"Procfile(?:\.\w+)?|.*\.(?:sh|bash|ini|toml|conf)|(?:.*conf.*|celery.*|gunicorn.*|hypercorn.*)\.py|.*uwsgi.*\.ya?ml"
)
"""Names of what servers and supervisors are started and configured by."""
_MOST_SETTINGS: Final = 300


class Context(Struct, frozen=True):
    """A folder, and the patterns of what builders leave out of it."""

    folder: Path
    ignored: PatternMatcher | None = None

    @staticmethod
    def of(dockerfile: Path, folder: Path) -> Context:
        """A Dockerfile may have a list of its own of what to ignore, which comes before the folder's."""
        own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        patterns = _text(own)
        patterns = _text(folder / ".dockerignore") if patterns is None else patterns
        return Context(folder.resolve(), _matcher(patterns or ""))

    def has(self, source: str) -> bool:
        """Whether there is such a file or folder; a pattern need not match anything."""
        return any(each in source for each in _WILD) or os.path.exists(self.folder / source)  # noqa: PTH110 - `Path.exists` fails on names that are too long

    def matches(self, source: str) -> list[str]:
        """The paths that a source with `*`, `?` or `[` means, sorted; none where it means itself."""
        if not any(each in source for each in _WILD) or source.count("/") > _DEEPEST:
            return []
        try:
            # To a builder two stars are one: they do not lead into folders.
            found = sorted(self.folder.glob(re.sub(r"\*+", "*", source)))
        except (ValueError, NotImplementedError, OSError):
            return []
        return [each.relative_to(self.folder).as_posix() for each in found]

    def text(self, source: str) -> str | None:
        """The text of a file; None where there is none, or none that a builder would copy."""
        # `Path.resolve` fails on links that lead in a circle.
        path = Path(os.path.realpath(self.folder / source))
        return None if self._keeps_out(source) or not path.is_relative_to(self.folder) else _text(path)

    def settings(self, source: str) -> Iterator[str]:
        """The scripts and settings in a folder, or the one that is named, by their paths as seen from the context."""
        if source and _SETTINGS.fullmatch(posixpath.basename(source)):
            yield source
        yield from islice(self._walked(source), _MOST_SETTINGS)

    def _walked(self, source: str) -> Iterator[str]:
        left = _MOST_VISITED
        for place, folders, files in os.walk(self.folder / source):
            here = Path(place).relative_to(self.folder)
            left -= len(folders) + len(files)
            if left < 0:
                return
            folders[:] = sorted(each for each in folders if not self._skips(here, each))
            yield from ((here / each).as_posix() for each in sorted(files) if _SETTINGS.fullmatch(each))

    def _skips(self, here: Path, folder: str) -> bool:
        return folder.startswith(".") or folder == "node_modules" or self._keeps_out((here / folder).as_posix())

    def _keeps_out(self, source: str) -> bool:
        return self.ignored is not None and source not in {"", "."} and self.ignored.matches(source)


def nearest(dockerfile: Path, sources: Iterable[str]) -> Path:
    """The folder that a Dockerfile is built from: its own, or the nearest above that has all it copies.

    Nobody builds from above the root of a repository. Where no folder has it all, it is the Dockerfile's own.
    """
    wanted, own = tuple(sources), dockerfile.resolve().parent
    for folder in (own, *own.parents)[:_FARTHEST]:
        here = Context(folder)
        if all(here.has(each) for each in wanted):
            return folder
        if (folder / ".git").exists():
            break
    return own


def _matcher(patterns: str) -> PatternMatcher | None:
    try:
        return PatternMatcher(patterns.splitlines()) if patterns else None
    except ValueError:  # a pattern that no builder takes: nothing is built, nothing is ignored
        return None


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > MAX_FILE:
            return None
        content = path.read_bytes()
        return None if b"\0" in content else content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
