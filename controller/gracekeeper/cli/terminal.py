"""What the terminal can show, read once, and how text gets there."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from gracekeeper.errors import ConfigurationError
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from typing import TextIO

STANDARD_OUTPUT: Final = "-"
_NARROWEST, _WIDEST = 60, 120  # a longer line is not read at one glance
_FALLBACK: Final = (100, 24)


def style_of(stream: TextIO, *, no_color: bool) -> Style:
    """The style that suits a stream: colours only on a terminal, ASCII where it does not speak UTF-8."""
    width = shutil.get_terminal_size(_FALLBACK).columns
    colour = stream.isatty() and not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "").replace("_", "")
    return Style(min(max(width, _NARROWEST), _WIDEST), colour=colour, unicode=encoding in ("utf8", "utf8sig"))


def write(content: str, path: str = STANDARD_OUTPUT) -> None:
    """Write a finished report to a file or to standard output; a reader who stops reading early is no error.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    if path == STANDARD_OUTPUT:
        _print(content)
        return
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - the path as it was given
            file.write(content)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {(error.strerror or str(error)).lower()}.") from error


def browse(content: str) -> None:
    """Show a finished text: on a terminal that it does not fit on, by the pager."""
    lines = shutil.get_terminal_size(_FALLBACK).lines
    if sys.stdout.isatty() and content.count("\n") >= lines:
        os.environ.setdefault("LESS", "FRX")  # as git does: with colours, and what was read stays on the screen
        click.echo_via_pager(content, color=True)  # there are colours only where `style_of` found them fit
    else:
        write(content)


def _print(content: str) -> None:
    encoding = (sys.stdout.encoding or "ascii").lower()
    printable: str | bytes = content
    if "utf" not in encoding and not content.isascii():
        printable = content.encode("utf-8")  # what is not fit for this terminal is meant for a program
    try:
        click.echo(printable, nl=False)
    except BrokenPipeError:
        # As `| head` does. What Python still wants to flush at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
