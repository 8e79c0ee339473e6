"""Which of the files met in a directory are left out, and why: what git ignores, and what the user excludes.

A directory's files are asked by name alone; what lies above them is worked out once for each directory. pathspec reads
the patterns and is imported by the first of them, so that a run without any does not pay for it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

_SLASH: Final = "ps_d"  # pathspec's name for the slash behind a directory that a pattern means
_NOTHING: Final = "(?!)"


@dataclass(frozen=True)
class Globs:
    """Patterns as in a `.gitignore`; those with a slash inside start at `folder`, a path without links.

    `reason` is what is said of whatever they leave out.
    """

    patterns: tuple[str, ...]
    folder: str
    reason: str

    def verdict(self, path: str) -> bool | None:
        """Whether a path below the folder is left out; None where no pattern speaks of it.

        A directory's path ends with a slash. What lies in a directory that is left out is not asked for.
        """
        if not self._any.search(path):
            return None
        return next((pattern.include for pattern in self._last_first if _means(pattern, path)), None)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        """All patterns in one, since most files meet none and there may be many of both."""
        regexes = filter(None, map(_regex, self.patterns))
        either = "|".join(regex.replace(f"(?P<{_SLASH}>", "(?:") for regex in regexes)  # a name may stand once
        return re.compile(either or _NOTHING)

    @cached_property
    def _last_first(self) -> tuple[GitIgnoreSpecPattern, ...]:
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - see the module's docstring

        return tuple(GitIgnoreSpecPattern(pattern) for pattern in reversed(self.patterns) if _regex(pattern))


def globs(patterns: Iterable[str], folder: str, reason: str) -> Globs:
    """Take patterns that a user wrote, relative to a folder: those of `--exclude`, or of a policy file.

    Where a searched directory does not lie in the folder, they are relative to that directory.

    Raises:
        ValueError: one of them is no pattern; the message is a sentence that names it.
    """
    taken = Globs(tuple(patterns), os.path.realpath(folder), reason)
    wrong = next((pattern for pattern in taken.patterns if not _regex(pattern)), None)
    if wrong is not None:
        raise ValueError(f"`{wrong}` matches nothing, expected a pattern as in a .gitignore, such as `vendor/`")
    return taken


def _means(pattern: GitIgnoreSpecPattern, path: str) -> bool:
    """Whether a pattern speaks of a path itself, as git asks: not of a directory above it, which was asked before.

    pathspec's own `GitIgnoreSpec` asks of whole paths, and takes `*`, `!*/`, `!*.yaml` to leave out every directory.
    """
    matches = pattern.regex.finditer(path) if pattern.regex else ()
    return any(_reaches_end(match, path) for match in matches)


def _reaches_end(match: re.Match[str], path: str) -> bool:
    if match.groupdict().get(_SLASH):
        return match.end(_SLASH) == len(path)
    # Without that group it is a file, or what lies inside of a directory: `a/**` is everything in `a/` but not `a/`.
    return match.end() < len(path) or not path.endswith("/")


def _regex(pattern: str) -> str:
    """A pattern as a regular expression; empty for what matches nothing, which git passes over."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - see the module's docstring

    try:
        return str(GitIgnoreSpecPattern.pattern_to_regex(pattern)[0] or "")
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Level:
    """Patterns as one directory sees them; `prefix` leads there from their folder, is empty or ends with a slash."""

    globs: Globs
    prefix: str = ""

    def verdict(self, name: str) -> bool | None:
        """Whether an entry of the directory is left out; a directory's name ends with a slash."""
        return self.globs.verdict(self.prefix + name)

    def below(self, name: str) -> Level:
        """The same patterns as a directory in this one sees them."""
        return Level(self.globs, f"{self.prefix}{name}/")


Levels: TypeAlias = tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is left out of one directory; `ignored` are git's patterns, the nearest first, since these speak first."""

    ignored: Levels = ()
    excluded: Levels = ()

    def reason(self, name: str) -> str:
        """Why an entry is left out, empty when it is not; a directory's name ends with a slash."""
        for level in self.excluded:
            if level.verdict(name):
                return level.globs.reason
        for level in self.ignored:
            verdict = level.verdict(name)
            if verdict is not None:
                return level.globs.reason if verdict else ""
        return ""

    def below(self, name: str) -> Exclusion:
        """What is left out of a directory in this one, before its own patterns."""
        if not (self.ignored or self.excluded):
            return self
        return Exclusion(_below(self.ignored, name), _below(self.excluded, name))


def _below(levels: Levels, name: str) -> Levels:
    return tuple(level.below(name) for level in levels)


def excluding(top: str, excludes: Iterable[Globs]) -> Levels:
    """The user's patterns as a directory that is searched sees them; `top` is a path without links."""
    return tuple(Level(each, _way(each.folder, top)) for each in excludes)


def _way(folder: str, top: str) -> str:
    """How to go from a folder to a directory in it; empty where it lies elsewhere."""
    start = folder.rstrip(os.sep) + os.sep
    return f"{top[len(start) :].replace(os.sep, '/')}/" if top.startswith(start) else ""
