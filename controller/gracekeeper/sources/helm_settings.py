"""Which of a chart's values sets a field: sought in the template's text, and told only where there is no doubt.

A field is known in a template by the keys above it, as its indentation shows them. Its line has to name one value and
nothing else that could decide, and that value has to make of it what Helm rendered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from gracekeeper.sources.template_outline import Line, Outline
from gracekeeper_policies.document import ABSENT, value_at

if TYPE_CHECKING:
    from gracekeeper.sources.helm_values import Keys, Setting, Values
    from gracekeeper.sources.rendered import Rendered
    from gracekeeper_policies.document import Document, Path

_LITERAL: Final = r"""(?:"[^"{}]*"|`[^`{}]*`|-?\d[\w.]*|true|false|\.Chart\.\w+)"""
_VALUE: Final = r"\$?\.Values(?P<keys>(?:\.[A-Za-z_]\w*)+)"
_PIPE: Final = rf"(?:quote|squote|int|int64|float64|toString|trim|(?:default|required)\ +{_LITERAL})"
_ACTION: Final = re.compile(rf"\{{\{{-?\ *(?:{_PIPE}\ +)?{_VALUE}(?:\ *\|\ *{_PIPE})*\ *-?\}}\}}")
_INDENTED: Final = r"\ *\|\ *n?indent\ +\d+\ *-?\}\}"
_BLOCK: Final = re.compile(rf"\{{\{{-?\ *toYaml\ +{_VALUE}{_INDENTED}")
_BLOCK_WITH: Final = re.compile(rf"\{{\{{-?\ *with\ +{_VALUE}\ *-?\}}\}}\n.*\n\{{\{{-?\ *toYaml\ +\.{_INDENTED}")
_COMMENT: Final = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)


class Place(NamedTuple):
    """A field of an object: the line (from 0) that it has in what was rendered, and that of the object itself."""

    document: Document
    path: Path
    line: int
    start: int


def setting_of(place: Place, rendered: Rendered, values: Values) -> Setting | None:
    """Who sets a field of an object that was rendered from a template; None where that is not beyond doubt."""
    held, path = place.document.values, place.path
    while path and value_at(held, path) is ABSENT:
        path = path[:-1]
    outline = _outline(place, rendered)
    if outline is None or not path:
        return None
    output = rendered.text.split("\n")[place.line].strip()
    return _by_line(outline, held, path, output, values) or _by_block(outline, held, path, values)


def _outline(place: Place, rendered: Rendered) -> Outline | None:
    """The part of a template that made an object; None unless that part alone holds an object of its kind."""
    lines = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), rendered.source).split("\n")
    kind, within = f"kind: {place.document.kind}", rendered.made_from(place.start)
    if [number for number, line in enumerate(lines) if line.rstrip() == kind and number not in within]:
        return None
    return Outline(lines, within)


def _by_line(outline: Outline, held: object, path: Path, output: str, values: Values) -> Setting | None:
    """A field whose own line names the value; a word of a command may stand on that of the whole command."""
    keyed = path if isinstance(path[-1], str) else path[:-1]
    lines = [line for line in outline.at(keyed, held) if line.rest]
    if not lines and keyed != path:
        lines = [line for line in outline.items(keyed, held) if _made(line.text, output, values)]
    return _made(lines[0].text, output, values) if len(lines) == 1 else None


def _made(source: str, output: str, values: Values) -> Setting | None:
    """Who sets the one value of a template's line, if it makes of the line what was rendered."""
    action = _ACTION.search(source)
    if action is None or source.count("{{") != 1 or source.count("Values") != 1:
        return None
    before, behind = map(re.escape, (source[: action.start()], source[action.end() :]))
    became, setting = re.fullmatch(f"{before}(.*){behind}", output), values.setting(_keys(action))
    if became is None or setting is None or not isinstance(setting.value, str | int | float):
        return None
    return setting if _spelled(setting.value) in (became[1], became[1].strip("\"'")) else None


def _by_block(outline: Outline, held: object, path: Path, values: Values) -> Setting | None:
    """A field of a block that is one value as a whole."""
    for length in range(len(path), 0, -1):
        lines: list[Line] = outline.at(path[:length], held) if isinstance(path[length - 1], str) else []
        if lines:
            keys = _of_block(outline, lines[0]) if len(lines) == 1 else None
            return _below(keys, path[length:], value_at(held, path), values) if keys else None
    return None


def _of_block(outline: Outline, line: Line) -> Keys | None:
    before, below = outline.around(line)
    found = _BLOCK.fullmatch(below) or _BLOCK_WITH.fullmatch(f"{before}\n{line.text}\n{below}")
    return _keys(found) if found and not line.rest and not outline.has_below(line) else None


def _below(keys: Keys, way: Path, value: object, values: Values) -> Setting | None:
    steps = tuple(step for step in way if isinstance(step, str))
    setting = values.setting((*keys, *steps)) if len(steps) == len(way) else None
    if setting is None:
        return None
    same = setting.value == value if isinstance(value, dict) else _spelled(setting.value) == _spelled(value)
    return setting if same else None


def _keys(action: re.Match[str]) -> Keys:
    return tuple(action["keys"].split(".")[1:])


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
