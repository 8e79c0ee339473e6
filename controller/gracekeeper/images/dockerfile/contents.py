"""Texts that an image holds because the folder that it is built from does: scripts, and settings that they name."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from e2b_dockerfile_utils import ShellLex
from msgspec import Struct, field
from msgspec.structs import replace

from gracekeeper.images.bases import PATH
from gracekeeper.images.dockerfile.copies import WRITTEN
from gracekeeper.images.dockerfile.paths import joined_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gracekeeper.images.dockerfile.context import Context
    from gracekeeper.images.dockerfile.copies import Copy

_MOST_FILES: Final = 100
_DEEPEST: Final = 8
_MOST_STEPS: Final = 20_000
"""How many COPYs are looked at in search of files; those of other stages lead to others again."""
_IMPLICIT: Final = ("./gunicorn.conf.py",)
"""Settings that a server reads from the folder it is started in, without being told."""


class Contents(Struct, frozen=True):
    """The files that COPY and ADD put into an image; `stage` gives what they put into another stage, by name."""

    copies: tuple[Copy, ...]
    context: Context
    stage: Callable[[str], tuple[Copy, ...] | None]
    steps: Iterator[int] = field(default_factory=lambda: iter(range(_MOST_STEPS)))

    def texts(self, words: Iterable[str], working_dir: str, path: str) -> dict[str, str]:
        """The texts of files that are named in words of a command, and of all scripts and settings, by path."""
        named = (place for word in (*words, *_IMPLICIT) for place in _places(word, working_dir, path or PATH))
        found: dict[str, str] = {}
        for place in dict.fromkeys((*named, *self._settings())):
            text = self.text(place)
            if text is not None:
                found[place] = text
            if len(found) >= _MOST_FILES:
                break
        return found

    def text(self, path: str) -> str | None:
        """What a file of the image holds; None where it came by no COPY that can be followed."""
        return self._text(path, self.copies, 0)

    def _text(self, path: str, copies: Sequence[Copy], depth: int) -> str | None:
        for copy in reversed(copies):
            if next(self.steps, None) is None:
                return None
            for each in self._expanded(copy):
                for source in each.origins(path):
                    found = self._at(each, source, depth)
                    if found is not None:
                        return found
            if path == copy.target and not copy.into and self._is_foreign(copy):
                return None  # it lies over whatever an earlier one brought there
        return None

    def _is_foreign(self, copy: Copy) -> bool:
        """Whether it brings what is not in sight: a file of another image."""
        return copy.origin not in {"", WRITTEN} and self.stage(copy.origin) is None

    def _at(self, copy: Copy, source: str, depth: int) -> str | None:
        if copy.origin == WRITTEN:
            return copy.text if source == copy.source else None
        if not copy.origin:
            return self.context.text(source)
        copies = self.stage(copy.origin) if depth < _DEEPEST else None
        return None if copies is None else self._text(f"/{source}", copies, depth + 1)

    def _expanded(self, copy: Copy) -> Iterator[Copy]:
        matches = self.context.matches(copy.source) if not copy.origin else ()
        yield from (replace(copy, source=each, into=True) for each in matches)
        if not matches:
            yield copy

    def _settings(self) -> Iterator[str]:
        """Where the scripts and settings of copied folders come to lie."""
        for copy in self.copies:
            for each in () if copy.origin else self._expanded(copy):
                yield from map(each.place, self.context.settings(each.source))


def _places(word: str, working_dir: str, path: str) -> Iterator[str]:
    """Where the files may lie that a word of a command names; a text for a shell names several."""
    for name in _names(word):
        whole = joined_path(working_dir, name)
        if isinstance(whole, str):
            yield whole
        if "/" not in name:
            yield from (posixpath.join(folder, name) for folder in path.split(":") if folder.startswith("/"))


def _names(word: str) -> list[str]:
    try:
        parts = ShellLex("\\").process_words(word)
    except ValueError:
        parts = word.split()
    values = (part.rpartition("=")[2].removeprefix("file:").strip(";&|()") for part in parts)
    return [each for each in values if each and not each.startswith("-")]
