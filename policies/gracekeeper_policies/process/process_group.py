"""Which wrappers send the stop signal to the program's whole process group, and not to the program alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from gracekeeper_policies.process.recollection import Variables
    from gracekeeper_policies.process.wrappers import Wrapped


class _Group(Struct, frozen=True):
    """What makes a wrapper send the signal to the whole process group where `is_asked`, and else keeps it from that.

    `flag` finds the option `word`, however it is written. A `variable` says the same with this `value`, or with any
    where there is none.
    """

    word: str
    flag: re.Pattern[str]
    is_asked: bool
    variable: str = ""
    value: str = ""


_TINI: Final = _Group("-g", re.compile(r"(?:^| )-[a-z]*g"), is_asked=True, variable="TINI_KILL_PROCESS_GROUP")
_GROUP: Final = {
    "tini": _TINI,
    "tini-static": _TINI,
    "docker-init": _TINI,
    "dumb-init": _Group(
        "--single-child",
        re.compile(r"(?:^| )(?:-[a-z]*c|--single-child)"),
        is_asked=False,
        variable="DUMB_INIT_SETSID",
        value="0",
    ),
    "timeout": _Group("--foreground", re.compile(r"(?:^| )(?:-[a-z]*f|--foreground)"), is_asked=False),
}


def apart(wrapped: Wrapped, variables: Variables) -> str:
    """How to keep it from sending the signal to the program's whole process group; empty where it does not."""
    group = _GROUP.get(wrapped.name)
    if group is None:
        return ""
    flag = group.flag.search(" ".join(flag.text for flag in wrapped.flags))
    said = [*([group.word] if flag else []), *([group.variable] if _says(group, variables) else [])]
    if group.is_asked:
        return f"start `{wrapped.name}` without {' and '.join(said)}" if said else ""
    return "" if said else f"write `{wrapped.name} {group.word}`"


def _says(group: _Group, variables: Variables) -> bool:
    value = variables.get(group.variable) if group.variable else None
    return isinstance(value, Unknown) or (isinstance(value, Known) and group.value in ("", value.value))
