"""Figures and tables of them."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    """What half of them are below."""
    return statistics.median(values)


def p99(values: Sequence[float]) -> float:
    """What all but one in a hundred are below."""
    return statistics.quantiles(values, n=100, method="inclusive")[-1]


def milliseconds(seconds: float) -> str:
    """A time for a table."""
    return f"{seconds * 1000:.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown, the first column of words and the others of figures."""
    for cells in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(cells)} |")
    print()
