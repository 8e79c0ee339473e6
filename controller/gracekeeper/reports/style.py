"""How a report looks: its width, its colours and its characters; decided once, where the program starts."""

from __future__ import annotations

import enum
import re
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Final

# What draws a picture keeps its width in ASCII; the rest may grow.
_ASCII: Final = str.maketrans(
    {
        "─": "-",
        "┄": "-",
        "│": "|",
        "├": "|",
        "┤": "|",
        "└": "`",
        "┴": "+",
        "→": ">",
        "▼": "v",
        "✖": "x",
        "·": ".",
        "‾": "^",
        "−": "-",
        "×": "x",
        "–": "-",
        "’": "'",
        "…": "...",
        "≥": ">=",
        "≤": "<=",
        "≈": "~",
    }
)
_OWN_CODES: Final = r"\x1b\[(?:0|1|2|31|32|33|36)m"
_CONTROL: Final = re.compile(
    rf"(?P<own>{_OWN_CODES})|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_CODE: Final = re.compile(_OWN_CODES)
_UNIT: Final = re.compile(r"(\d) (?=(?:s|MiB|GiB|more|others?)\b)")  # a number and its unit stay on one line
_ODD_SPACE: Final = re.compile(r"\s+")


class Mark(enum.Enum):
    """What a colour marks; a word or a sign always says the same."""

    CUT = "31"
    WARNING = "33"
    SPARE = "32"
    NOTE = "36"
    STRONG = "1"
    FAINT = "2"


@dataclass(frozen=True)
class Style:
    """The look of a text report: columns per line, colours or none, all of Unicode or ASCII alone."""

    width: int = 100
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, mark: Mark | None) -> str:
        """Colour a text, if there are colours."""
        return f"\x1b[{mark.value}m{text}\x1b[0m" if self.colour and mark and text else text

    def finish(self, text: str) -> str:
        """Make a report fit to print: no control characters but our own colours, and ASCII where it must be."""
        text = _CONTROL.sub(self._own_code, text)
        text = "\n".join(line.rstrip() for line in text.split("\n"))
        return text if self.unicode else text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")

    def _own_code(self, match: re.Match[str]) -> str:
        # A manifest may hold any escape sequence; of these only colours that we use ourselves could pass.
        return match["own"] if self.colour and match["own"] else ""

    def wrap(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """Break a sentence into lines of this width; words longer than a line stay whole."""
        lines = textwrap.wrap(
            _UNIT.sub("\\1\u00a0", text),
            max(self.width, len(indent) + 20),
            initial_indent=indent,
            subsequent_indent=indent if hanging is None else hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace("\u00a0", " ") for line in lines]


def printable(text: str) -> str:
    """A text without control characters, and without those that turn the direction of what stands behind them."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Bring a piece of a manifest onto one line."""
    return _ODD_SPACE.sub(" ", text).strip()


def columns(text: str) -> int:
    """How many columns a terminal gives to a text; colours take none, wide characters take two."""
    text = _CODE.sub("", text) if "\x1b" in text else text
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def spread(left: str, right: str, width: int) -> str:
    """Set two texts at both ends of a line, at least two columns apart."""
    return left + " " * max(width - columns(left) - columns(right), 2) + right if right else left


def shorten(text: str, width: int) -> str:
    """Cut a text that is too long, and show that it was cut."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
