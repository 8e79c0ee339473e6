"""Reads the YAML that most manifests are made of with a library many times faster than the whole parser.

The library is yaml-rs. It reads YAML 1.2, and Kubernetes reads YAML 1.1 with ideas of its own, so it gets only text in
which the two cannot differ, and what it gives is looked through once more. Doubt costs nothing but time: then the whole
parser (`yaml_nodes`) reads the text. A property test holds both equal.
"""

from __future__ import annotations

import re
from math import isfinite
from sys import intern
from typing import Final

import yaml_rs

_STRUCTURE: Final = re.compile(
    r"""
    [^\n\ -~\u00a1-\u1fff\u2030-\ud7ff]            # tabs, control characters, other line breaks
  | \\ (?! [\n"\\nt] )                             # escapes but those that all YAML has in common
  | (?: ^\ * | [-:?]\ + | [,\[{]\ * ) [&*!?%@`]    # anchors, aliases, tags, complex keys, directives
  | (?: ^\ * | [-:?]\ + ) [\[{] (?!               # flow that is more than words on one line
      (?: [\w\ ./$()=,\[\]{}-] | "[^"\n]*+" | '[^'\n]*+' | (?<=[\w"']):(?=[\ \w/]) )*+ (?<=[\]}]) $
    )
  | (?: ^\ * | [-:?]\ + ) [|>] (?! -?\n\ *[^\ \n] )  # a block scalar that says more than a dash, or holds nothing
  | (?: [\[{] [^\[{\n]* ){9} | ^ [\ -]{64}         # deep nesting
  | ^ (?: --- | \.\.\. )                          # another document
    """,
    re.VERBOSE | re.MULTILINE,
)
"""What the two may understand differently, and some that they do not: doubt is cheap."""

_NUMBER: Final = re.compile(
    r"""
    [\d_](?:(?<=[\s\[{,:].)|(?<=[\s\[{,:][-+.].)|(?<=[\s\[{,:][-+]\..))(?:
        (?<=_)
      | (?<=0)[xX]
      | [\d.]*_
      | \d{18}
      | (?:(?<=0)[\doObB]|[\d.]*[eE])[-+.\deE_]*+(?!\w)
    )
    """,
    re.VERBOSE | re.ASCII,
)
"""Numbers that the two spell differently (octal, with underscores, with exponents) or that 64 bits may not hold."""

_WORDS: Final = frozenset("y Y yes Yes YES on On ON n N no No NO off Off OFF <<".split())
"""Text that YAML 1.1 takes for something else unless it stands in quotes."""


def read(text: str) -> dict[str, object] | None:
    """Give a document that is a mapping; None on any doubt, and for all that is wrong with it."""
    if _doubtful(text):
        return None
    try:
        values = _settled(yaml_rs.loads(text, parse_datetime=False))
    except Exception:  # noqa: BLE001 - whatever it is, the whole parser finds the words for it
        return None
    return values if isinstance(values, dict) else None


def _doubtful(text: str) -> bool:
    return _STRUCTURE.search(text) is not None or _NUMBER.search("\n" + text) is not None


def _settled(value: object) -> object:
    """The same value, with one key in memory for all the mappings that have it.

    ValueError or TypeError: Kubernetes may read something else out of the text that the library read this out of.
    """
    if isinstance(value, str):
        if value in _WORDS:
            raise ValueError
    elif isinstance(value, dict):
        if not _WORDS.isdisjoint(value):
            raise ValueError
        return dict(zip(map(intern, value), map(_settled, value.values()), strict=True))
    elif isinstance(value, list):
        return [_settled(item) for item in value]
    elif isinstance(value, float) and (value.is_integer() or not isfinite(value)):
        raise ValueError
    return value
