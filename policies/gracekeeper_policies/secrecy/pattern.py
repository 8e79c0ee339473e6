"""Regular expressions that are compiled when they are first asked: most runs need few of them, and no start waits."""

from __future__ import annotations

import re

from gracekeeper_policies.once import once


class Pattern:
    """A regular expression, as yet only written down."""

    def __init__(self, source: str, flags: int = 0) -> None:
        """Keep what `re.compile` takes."""
        self._source, self._flags = source, flags

    @once
    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        return re.compile(self._source, self._flags)
