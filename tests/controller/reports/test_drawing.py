"""Seconds as columns."""

from __future__ import annotations

from gracekeeper.reports.drawing import Piece, Scale, row
from gracekeeper.reports.style import Mark, Style

SCALE = Scale(seconds=30, step=10, tick=10, room=40)


def test_numbers_stand_at_even_distances() -> None:
    """The axis has one number per step, the first with its unit."""
    assert row(SCALE.axis(), "", Style()) == "0s        10        20        30"


def test_bar_holds_its_name() -> None:
    """A bar that is long enough has its name inside."""
    assert row(SCALE.bar(0, 15, "pre-stop 15"), "", Style()) == "├──pre-stop 15─┤"


def test_short_bar_has_its_name_behind_it() -> None:
    """A bar that is too short for its name has it beside."""
    assert row(SCALE.bar(0, 5, "pre-stop 5"), "", Style()) == "├────┤ pre-stop 5"


def test_bar_of_no_length_is_a_stroke() -> None:
    """What takes no time to speak of is one stroke."""
    assert row(SCALE.bar(0, 0.2, "cold start"), "", Style()) == "│ cold start"


def test_name_stands_before_a_sign_near_the_end() -> None:
    """Where a row ends too soon, the name comes first."""
    assert row(SCALE.moment(30, "✖", "SIGKILL at 30"), "", Style()) == "                SIGKILL at 30 ✖"


def test_end_without_limit_is_an_arrow() -> None:
    """What has no end points onward."""
    assert row(SCALE.bar(10, 30, "no limit", open_end=True), "", Style()) == "          ├──no limit─────────→"


def test_pieces_keep_their_columns_under_colours() -> None:
    """Colours take no room."""
    coloured = row([Piece(2, "a", Mark.CUT), Piece(5, "b")], "  ", Style(colour=True))

    assert coloured == "    \x1b[31ma\x1b[0m  b"


def test_scale_fits_every_length() -> None:
    """From a second to a day: at least a second number, and nothing beyond the room."""
    for seconds in (0.0, 1.0, 7.0, 30.0, 45.5, 600.0, 3600.0, 86400.0):
        scale = Scale.fitting(seconds, 94, "✖ SIGKILL at 30")

        assert scale.column(seconds) + len("✖ SIGKILL at 30") <= 94
