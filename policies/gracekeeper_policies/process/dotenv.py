"""What a `.env` file sets, as python-dotenv 1.2 reads it, but for values of several lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE: Final = re.compile(
    r"""\s*(?:export[^\S\n]+)?(?:'([^']+)'|([^=\#\s]+))[^\S\n]*=[^\S\n]*
    (?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|([^\n]*))[^\S\n]*(?:\#.*)?\Z""",
    re.VERBOSE,
)
_COMMENT: Final = re.compile(r"\s+#.*")
_OPEN: Final = ("'", '"')


def dotenv_settings(_: str, text: str) -> Mapping[str, Known[object] | Unknown]:
    """The variables of a file, the last of a name wins; what refers to others, or goes on behind a line, is Unknown."""
    found: dict[str, Known[object] | Unknown] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if match is None:
            continue
        name, single, double, plain = match[1] or match[2], match[3], match[4], match[5]
        value = next((each for each in (single, double) if each is not None), _COMMENT.sub("", plain or "").rstrip())
        is_literal = "\\" not in value and "${" not in value and not (plain or "").startswith(_OPEN)
        source = f"line {number}, {name}"
        found[name] = Known(value, source) if is_literal else Unknown(f"line {number} computes {name}")
    return found
