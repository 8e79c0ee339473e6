"""How long `sleep` sleeps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.provenance import Word

_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})([smhd]?)\Z", re.ASCII)
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def is_sleep(argv: Sequence[Word]) -> bool:
    """Whether a command is `sleep`, wherever it stands on the disk."""
    return bool(argv) and argv[0].text.rpartition("/")[2] == "sleep"


def sleep_of(argv: Sequence[Word]) -> float | None:
    """The seconds that `sleep 1m 30s` sleeps, infinity included; None for other commands and what cannot be told."""
    if not is_sleep(argv) or len(argv) == 1 or any(word.unknown for word in argv):
        return None
    parts = [_seconds(word.text) for word in argv[1:]]
    return None if None in parts else sum(part for part in parts if part is not None)


def _seconds(text: str) -> float | None:
    if text in ("inf", "infinity"):
        return float("inf")
    match = _DURATION.match(text)
    return float(match[1]) * _SECONDS[match[2]] if match else None
