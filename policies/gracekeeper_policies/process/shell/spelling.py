"""Keeps characters outside ASCII from the grammar, whose scanner reads past its tables and crashes on some of them.

To a shell all of them are letters like others, so the script is read with each of them spelt out in ASCII letters and
digits, and its words are spelt back.
"""

from __future__ import annotations

import re
from typing import Final

_HARMFUL: Final = re.compile(r"[^\x00-\x7f]|Z(?=q)")
_SPELT: Final = re.compile(r"Zq([0-9a-f]+)qZ")


def spelt_out(text: str) -> bytes:
    """Write a text in ASCII only, such that `spelt_back` gives it again."""
    return _HARMFUL.sub(lambda match: f"Zq{ord(match[0]):x}qZ", text).encode("ascii")


def spelt_back(source: bytes | None) -> str:
    """Read what `spelt_out` wrote; nothing gives the empty text."""
    text = (source or b"").decode("ascii")
    return _SPELT.sub(lambda match: chr(int(match[1], 16)), text) if "Zq" in text else text
