"""Stretches of a text as people name them: by line and column."""

from __future__ import annotations


def on_one_line(text: str, start: int, end: int) -> tuple[int, int, int]:
    """Turn a stretch given by offsets into line, first column and end column, cut where its first line ends."""
    margin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    line = text[start : min(end, stop if stop >= 0 else end)].rstrip()
    return text.count("\n", 0, start), start - margin, start - margin + len(line)
