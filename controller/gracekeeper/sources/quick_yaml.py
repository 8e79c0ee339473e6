"""Reads the YAML that most manifests are made of with a library many times faster than the whole parser.

The library is yaml-rs. It reads YAML 1.2, and Kubernetes reads YAML 1.1 with ideas of its own, so it gets only text in
which the two cannot differ, and what it gives is looked through once more. Doubt costs nothing but time: then the whole
parser (`yaml_nodes`) reads the text. A property test holds both equal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import yaml_rs

_STRUCTURE: Final = re.compile(
    r"""
    [\0-\t\x0b-\x1f\x7f-\xa0\u2000-\u202f\ud800-\U0010ffff]  # tabs, control characters, other line breaks
  | \\ (?! ["\\nt]|\Z )                           # escapes but those that all YAML has in common
  | (?: ^\ * | [-:?]\ + | [,\[{]\ * ) [&*!?%@`]    # anchors, aliases, tags, complex keys, directives
  | (?: ^\ * | [-:?]\ + ) [\[{] (?!               # flow that is more than words on one line
      (?: [\w\ ./$()=,\[\]{}-] | "[^"\n]*" | '[^'\n]*' | (?<=[\w"']):(?=[\ \w/]) )* (?<=[\]}]) \Z
    )
  | (?: ^\ * | [-:?]\ + ) [|>] (?! -?\Z )          # a block scalar that says more than a dash
  | (?: [\[{] [^\[{\n]* ){9} | ^ [\ -]{64}         # deep nesting
  | ^ (?: --- | \.\.\. )                          # another document
    """,
    re.VERBOSE,
)
"""What the two may understand differently in one line, and some that they do not: doubt is cheap."""

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

_OTHER: Final = r"""(?:
    [-+]? (?: \d+ (?: \.\d* )? | \.\d+ )
  | true | True | TRUE | false | False | FALSE | null | Null | NULL | ~
)"""

_SCALAR: Final = re.compile(
    rf"""
    (?: ^\ * | [-:?]\ + | [\[{{,]\ * | ["'\]}}]:\ * )      # where a plain scalar may start
    (?:
        (?:
            [yY] | yes | Yes | YES | on | On | ON | [nN] | no | No | NO | off | Off | OFF | <<
          | [-+]? \.? (?i: inf | nan )
          | [-+]? (?: \d+ \. 0* | \. 0+ )
        ) \ * (?: \Z | [\#,\]}}:] )
      | [-+]? (?=\d*\.) [\d.]{{16}}
      | {_OTHER}? \ * : (?: \ | \Z )
    )
  | [{{,]\ * {_OTHER} \ * [,}}]
  | (?: ^\ * | [-:?]\ + | [\[{{,]\ * ) \{{ (?: \ * [\[{{] | .* [\]}}] \ * : )
    """,
    re.VERBOSE | re.ASCII,
)
"""What YAML 1.1 takes for something else than YAML 1.2 unless it stands in quotes, floats that are whole numbers to
Kubernetes, and keys that are no text."""

_WORDS: Final = re.compile(
    r"""
    \ {0,40} (?: -\  )? (?! (?i: y | n | yes | no | on | off | true | false | null ) : )
    [A-Za-z] [\w./-]* : (?: \  [A-Za-z] (?: [\w./-] | :(?=\w) ){5,} )?
    """,
    re.VERBOSE | re.ASCII,
)
"""What most lines are: a key, and nothing or a word too long to be anything but text."""

_EMPTY_BLOCK: Final = re.compile(r"[|>]-?\n *(?:\n|\Z)")
_HEADERS: Final = ("|\n", ">\n", "|-\n", ">-\n")


def read(text: str) -> dict[str, object] | None:
    """Give a document that is a mapping; None on any doubt, and for all that is wrong with it."""
    if not all(map(is_plain_line, text.split("\n"))) or _holds_empty_block(text):
        return None
    try:
        values = yaml_rs.loads(text, parse_datetime=False)
    except Exception:  # noqa: BLE001 - whatever it is, the whole parser finds the words for it
        return None
    return values if isinstance(values, dict) else None


@lru_cache(maxsize=1 << 14)
def is_plain_line(line: str) -> bool:
    """Whether YAML 1.1 and 1.2, Kubernetes and the library can only read the same out of a line.

    Most lines of a manifest stand in others too, so each is looked through once.
    """
    return _WORDS.fullmatch(line) is not None or not (
        _STRUCTURE.search(line) or _NUMBER.search("\n" + line) or _SCALAR.search(line)
    )


def _holds_empty_block(text: str) -> bool:
    return any(header in text for header in _HEADERS) and _EMPTY_BLOCK.search(text) is not None
