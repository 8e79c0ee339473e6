"""Seconds as percentages of a page's width."""

from __future__ import annotations

from gracekeeper.reports.html.timelines import Label, Shape, drawn
from gracekeeper.reports.picture import Bar, Cut, Dots, Moment, Picture
from gracekeeper.reports.style import Mark

CUT = Picture(
    75,
    (
        Bar(0, 15, "pre-stop 15"),
        Moment(15, "▼", "SIGTERM, heard by gunicorn"),
        Bar(15, 75, "finishes requests, up to 60"),
        Cut(30, 75, "SIGKILL at 30", "45 s of work cut"),
    ),
)


def test_rows_stand_below_each_other() -> None:
    """Bars over their time, signs at theirs; SIGKILL has behind it what it cuts."""
    shapes = drawn("Stop", CUT, at_once=True).shapes

    assert shapes == (
        Shape("bar", "plain", "0%", "19.6%", 24, Label("0%", "pre-stop 15", end=False)),
        Shape("signal", "plain", "19.6%", "", 58, Label("19.6%", "SIGTERM, heard by gunicorn", end=False)),
        Shape("bar", "plain", "19.6%", "78.4%", 92, Label("19.6%", "finishes requests, up to 60", end=False)),
        Shape("dots", "cut", "39.2%", "58.8%", 126, Label("39.2%", "", end=False)),
        Shape("kill", "cut", "39.2%", "", 126, Label("39.2%", "SIGKILL at 30: 45 s of work cut", end=False)),
    )


def test_axis_has_even_numbers() -> None:
    """The first with its unit."""
    assert drawn("Stop", CUT, at_once=True).ticks[:3] == (("0%", "0 s"), ("13.07%", "10"), ("26.13%", "20"))


def test_picture_says_the_same_in_words() -> None:
    """Who hears the page instead of seeing it gets every second."""
    assert drawn("Stop", CUT, at_once=True).told == (
        "From 0 s to 15 s: pre-stop 15. At 15 s: SIGTERM, heard by gunicorn. From 15 s to 75 s: finishes requests, "
        "up to 60. At 30 s: SIGKILL at 30, 45 s of work cut."
    )


def test_a_name_that_would_not_fit_ends_at_its_place() -> None:
    """As in the picture of a terminal."""
    picture = Picture(30, (Moment(30, "✖", "SIGKILL at 30 cuts what runs then", Mark.CUT),))

    assert drawn("Stop", picture, at_once=False).shapes[0].label == Label(
        "98%", "SIGKILL at 30 cuts what runs then", end=True
    )


def test_what_has_no_end_goes_on_to_the_edge() -> None:
    """And no further."""
    picture = Picture(30, (Bar(5, 37.5, "finishes requests, without limit", Mark.WARNING, open_end=True),))
    bar, arrow = drawn("Stop", picture, at_once=False).shapes

    assert (bar.kind, bar.tone, bar.x, bar.width) == ("bar", "warn", "16.33%", "83.67%")
    assert (arrow.kind, arrow.tone, arrow.x) == ("on", "warn", "100%")


def test_what_takes_no_time_is_seen_all_the_same() -> None:
    """A stroke of a few pixels."""
    assert drawn("Start", Picture(0, (Bar(0, 0, "starts"),)), at_once=False).shapes[0].width == "0.3%"


def test_a_stretch_without_news_is_dotted() -> None:
    """Its name stands over it."""
    picture = Picture(30, (Dots(0, 30, "goes on"),))
    dotted = drawn("Stop", picture, at_once=False)

    assert dotted.shapes[0].kind == "dots"
    assert dotted.told == "From 0 s to 30 s: goes on."
