"""Manifests that a tool made from the user's files: what is judged is the tool's, what is shown is the user's.

A place in what was rendered is sought in the file it was rendered from, from the object inwards: the same line, or the
line with the same key where there is but one; else the place of what stands around it. A template has no places of its
own to go by.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.input import RENDERED
from gracekeeper.sources.positions import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from gracekeeper_policies.document import Path

_KEY: Final = re.compile(r"""\s*(?:-\s+)*["']?(?P<key>[\w./-]+)["']?\s*:(?:\s|$)""")


@dataclass(frozen=True)
class Rendered:
    """What was rendered from one file.

    `shown` is that file as it is printed, `text` what became of it, in YAML; `source` is the file's own text, empty
    where it is not at hand: then `text` is shown.
    """

    shown: str
    text: str
    source: str = ""

    def beside(self, read: Container[str]) -> Rendered:
        """The same under a name of its own, where the file is read as it stands too."""
        return replace(self, shown=f"{self.shown}{RENDERED}") if self.shown in read else self

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are shown."""
        return (self.source or self.text).split("\n")

    def locate(self, find: Callable[[Path], Span], path: Path) -> Span:
        """Where a value's source stands; `find` tells where the value stands in the text."""
        if not self.source:
            return find(path)
        within = self.made_from(find(()).line - 1)
        place = within.start
        for way in _ways(path):
            line = self._rendered[find(way).line - 1]
            # A key that is not written has its parent's place, and is not looked for.
            place = self._next(range(place, within.stop), line) if _key(line) == way[-1] else place
        return self._span(place)

    @cached_property
    def _rendered(self) -> list[str]:
        return self.text.split("\n")

    def made_from(self, line: int) -> range:
        """The lines of the source that the object on a line (from 0) was made from."""
        number = bisect(self._ends, line)
        return self._objects[number]

    @cached_property
    def _ends(self) -> list[int]:
        return [part.stop for part in _parts(self._rendered)]

    @cached_property
    def _objects(self) -> list[range]:
        """Of each object the lines between two separators of the source that share most with it."""
        parts = {part: _words(self.lines, part) for part in _parts(self.lines)}

        def made_from(words: set[str]) -> range:
            return max(parts, key=lambda part: len(words & parts[part]))

        return [made_from(_words(self._rendered, part)) for part in _parts(self._rendered)]

    def _next(self, lines: range, rendered: str) -> int:
        """The first line that reads the same, else the only one with the same key, else the first of all."""
        text, key = _bare(rendered), _key(rendered)
        same = next((number for number in lines if text and _bare(self.lines[number]) == text), None)
        if same is not None:
            return same
        alike = [number for number in lines if key and _key(self.lines[number]) == key]
        return alike[0] if len(alike) == 1 else lines.start

    def _span(self, number: int) -> Span:
        line = self.lines[number].rstrip()
        return Span(number + 1, len(line) - len(line.lstrip()) + 1, len(line) + 1)


def _parts(lines: list[str]) -> list[range]:
    """The stretches between separators."""
    separators = [number for number, line in enumerate(lines) if line.startswith("---")]
    return [range(start, end) for start, end in pairwise([0, *separators, len(lines)]) if start < end]


def _words(lines: list[str], part: range) -> set[str]:
    return {_bare(lines[number]) for number in part}


def _bare(line: str) -> str:
    """A line without its indentation and the dash of a list, since tools order keys anew."""
    return line.strip().removeprefix("- ").strip()


def _ways(path: Path) -> Iterator[Path]:
    """The paths that lead to a value, from outside; an item of a list is known by its name, whatever stands first."""
    for length, step in enumerate(path, start=1):
        yield path[:length] if isinstance(step, str) else (*path[:length], "name")


def _key(line: str) -> str:
    match = _KEY.match(line)
    return match["key"] if match else ""
