"""Shows the line of a manifest that a finding is about, with the place underlined."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from gracekeeper.reports.style import Mark, columns, shorten
from gracekeeper_policies.document import ABSENT, render_path, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.reports.report import Places
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.secrecy import Elision

_MARGIN: Final = 8  # columns of the line's number and the bar behind it
_WORD: Final = re.compile(r"\w\w")
_ESCAPED: Final = re.compile(r'"[^"\\]*\\[^"]*"?')
_BESIDE: Final = ("#", "{{")  # comments, and what tells a template's reader what to do
_BLOCK: Final = re.compile(r"[|>][-+0-9]*\Z")


class Line(Struct, frozen=True):
    """A line of text and what is meant in it: offsets from its start."""

    number: int
    text: str
    start: int
    end: int

    def elided(self, elision: Elision) -> Line:
        """The line without its secrets."""
        parts = (self.text[: self.start], self.text[self.start : self.end], self.text[self.end :])
        # What stands behind an escape cannot be compared with a secret.
        before, meant, behind = (elision(_ESCAPED.sub('"…"', part) if elision else part) for part in parts)
        text = before + meant + behind
        return Line(self.number, text, len(before), len(before) + len(meant))


class Told(Protocol):
    """What a snippet is about, a workload or a ruling: a document, and what is left out of its text."""

    @property
    def document(self) -> Document:
        """Whose text is shown."""

    @property
    def elision(self) -> Elision:
        """Leaves its secrets out."""


def snippet(places: Places, style: Style, told: Told, path: Path) -> tuple[str, ...]:
    """Show the line of the value at `path` or of its deepest written ancestor; of a script its last line too."""
    meant = passage(places, told, path)
    if not meant:
        return ()
    missing = missing_field(told.document, path)
    *before, last = meant
    note = f" {missing} is not set" if missing else ""
    return (*(_numbered(line, style) for line in before), *_underlined(last, note, style))


def passage(places: Places, told: Told, path: Path) -> tuple[Line, ...]:
    """The line of the value at `path` or of its deepest written ancestor, of a script its last line too; no secrets."""
    line = _line(places, told.document, path)
    if line is None:
        return ()
    last = _last_of_block(places, told.document, path, line)
    return tuple(each.elided(told.elision) for each in (line, last) if each)


def way_to(places: Places, told: Told, line: Line) -> tuple[Line, ...]:
    """The lines above a line that lead to it, from the top of the document on, without secrets."""
    lines: list[Line] = []
    margin = _margin(line.text)
    for number in range(line.number - 1, 0, -1):
        text = places.line_text(told.document.origin, number)
        if margin <= (0, False) or text.startswith("---"):
            break
        if text and _margin(text) < margin and not text.isspace() and not text.lstrip().startswith(_BESIDE):
            margin = _margin(text)
            lines.append(Line(number, text.replace("\t", " "), 0, 0).elided(told.elision))
    return tuple(reversed(lines))


def _margin(text: str) -> tuple[int, bool]:
    """How far a line stands to the right; a list may stand no further right than its key, and is below it then."""
    content = text.lstrip()
    return len(text) - len(content), content.startswith("- ")


def _line(places: Places, document: Document, path: Path) -> Line | None:
    span = places.locate(document, path)
    text = places.line_text(document.origin, span.line) if span else ""
    return Line(span.line, text.replace("\t", " "), span.column - 1, span.end_column - 1) if span and text else None


def _last_of_block(places: Places, document: Document, path: Path, line: Line) -> Line | None:
    """The last line of a script that is written as a block; there stands the command that stays."""
    value = value_at(document.values, path)
    script = value.rstrip("\n").split("\n") if isinstance(value, str) and _BLOCK.search(line.text) else [""]
    text = places.line_text(document.origin, line.number + len(script)).replace("\t", " ")
    found = script[-1].strip()
    start = text.find(found)
    return (
        Line(line.number + len(script), text, start, start + len(found)) if _WORD.search(found) and start >= 0 else None
    )


def _numbered(line: Line, style: Style) -> str:
    return f"{line.number:>5} {style.paint('│', Mark.FAINT)} {shorten(line.text, style.width - _MARGIN)}"


def _underlined(line: Line, note: str, style: Style) -> Iterator[str]:
    room = style.width - _MARGIN
    cut = max(0, line.start - room // 2) if line.end > room else 0
    shown = shorten(f"…{line.text[cut + 1 :]}" if cut else line.text, room)
    before, below = columns(shown[: line.start - cut]), columns(shown[line.start - cut : line.end - cut]) or 1
    yield f"{line.number:>5} {style.paint('│', Mark.FAINT)} {shown}"
    note = note if before + below + len(note) <= room else ""
    yield f"      {style.paint('│', Mark.FAINT)} {' ' * before}{style.paint('‾' * below, Mark.CUT)}{note}"


def missing_field(document: Document, path: Path) -> str:
    """What of a path is not written, from the deepest ancestor that is: `resources.limits.memory`; empty if all is."""
    written = next(
        length for length in range(len(path), -1, -1) if value_at(document.values, path[:length]) is not ABSENT
    )
    return render_path(path[written:])
