"""What may reach a terminal."""

from __future__ import annotations

import pytest

from gracekeeper.reports.style import Mark, Style, columns, one_line, shorten, spread


def test_colours_only_where_they_are_wanted() -> None:
    """Without colours a mark leaves the text alone."""
    assert Style().paint("error", Mark.CUT) == "error"
    assert Style(colour=True).paint("error", Mark.CUT) == "\x1b[31merror\x1b[0m"


@pytest.mark.parametrize("colour", [True, False])
def test_escape_sequences_of_a_manifest_never_reach_the_terminal(colour: bool) -> None:
    """A name that clears the screen, sets the title or writes backwards is printed without its powers."""
    assert Style(colour=colour).finish("a\x1b[2Jb\x1b]0;c\x07d\u202ee\x9bf\rg") == "a[2Jb]0;cdefg"


def test_own_colours_survive() -> None:
    """Our own colours are kept where there are colours, and dropped elsewhere."""
    text = Style(colour=True).paint("error", Mark.CUT)

    assert Style(colour=True).finish(text) == text
    assert Style().finish(text) == "error"


def test_ascii_replaces_signs_and_escapes_the_rest() -> None:
    """A terminal without UTF-8 gets strokes it knows, and names it can show."""
    assert Style(unicode=False).finish("├─┤ ▼ ✖ · 30 − 15 × é") == r"|-| v x . 30 - 15 x \xe9"


def test_columns_are_those_of_a_terminal() -> None:
    """Wide characters take two columns, colours none."""
    assert columns("web") == 3
    assert columns("\x1b[31mweb\x1b[0m") == 3
    assert columns("日本") == 4


def test_two_texts_at_both_ends() -> None:
    """Two texts stand at the ends of a line, and never touch."""
    assert spread("a", "b", 5) == "a   b"
    assert spread("long", "text", 5) == "long  text"
    assert spread("alone", "", 80) == "alone"


def test_pieces_of_a_manifest_stay_on_one_line() -> None:
    """A line break in a name cannot forge a line of the report."""
    assert one_line("web\n  error  fake") == "web error fake"


def test_cut_is_shown() -> None:
    """What is shortened says so."""
    assert shorten("gunicorn", 20) == "gunicorn"
    assert shorten("gunicorn", 5) == "guni…"
