"""Why a Dockerfile cannot be read."""

from __future__ import annotations


class FaultyError(Exception):
    """What is wrong in a Dockerfile, as a sentence, and on which line: from 1, and 0 where it is the whole."""

    def __init__(self, line: int, message: str) -> None:
        """Keep where and what."""
        super().__init__(message)
        self.line = line
        self.message = message
