"""What a picture of a start or a stop shows, in seconds: drawn as columns of text by `drawing`, as SVG by `html`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from gracekeeper.reports.style import Mark
    from gracekeeper_policies.secrecy import Elision


class Bar(Struct, frozen=True):
    """A stretch of time with its name; with `open_end` nothing is known to end it."""

    start: float
    end: float
    label: str
    mark: Mark | None = None
    open_end: bool = False


class Moment(Struct, frozen=True):
    """A sign at one moment with its name."""

    seconds: float
    sign: str
    label: str
    mark: Mark | None = None


class Dots(Struct, frozen=True):
    """A stretch of time in which nothing is known to happen; its name may be left out where it has no room."""

    start: float
    end: float
    label: str


class Cut(Struct, frozen=True):
    """SIGKILL before the work is done: `work` says how much is cut, which would have gone on to `end`."""

    seconds: float
    end: float
    label: str
    work: str


Row: TypeAlias = Bar | Moment | Dots | Cut


class Picture(Struct, frozen=True):
    """Rows from top to bottom, on an axis of at least `seconds`."""

    seconds: float
    rows: tuple[Row, ...]


def elided(picture: Picture, elision: Elision) -> Picture:
    """The picture without the secrets that its names may quote."""
    if not elision:
        return picture
    return replace(picture, rows=tuple(replace(row, label=elision(row.label)) for row in picture.rows))
