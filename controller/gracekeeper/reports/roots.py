"""How pipelines call files: by their way from the checkout's root, wherever in it the program runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from gracekeeper.sources.input import REVISION, STANDARD_INPUT, file_of

_OUTSIDE: Final = ".."


@dataclass(frozen=True)
class Root:
    """The folder that a pipeline names files from, and the one that the program runs in; both absolute."""

    folder: str
    here: str

    def path(self, origin: str) -> str:
        """The way to a file, with slashes; absolute where it lies outside, and standard input's own name."""
        if origin == STANDARD_INPUT:
            return origin
        return _way(file_of(origin), self.folder if origin.startswith(REVISION) else self.here, self.folder)

    def uri(self, origin: str) -> str:
        """The way as a relative reference; a `file:` URI where it is absolute."""
        path = self.path(origin)
        return f"file://{quote(path)}" if path.startswith("/") else quote(path)


@lru_cache(maxsize=1 << 8)
def _way(file: str, start: str, folder: str) -> str:
    """The way from a folder to a file that is named from `start` on: git names files from the root on."""
    place = os.path.join(start, file)  # noqa: PTH118 - texts alone; no file is asked
    way = PurePath(os.path.relpath(place, folder))
    return PurePath(os.path.normpath(place)).as_posix() if _OUTSIDE in way.parts else way.as_posix()
