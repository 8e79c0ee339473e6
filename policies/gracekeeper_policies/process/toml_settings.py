"""What a configuration file in TOML sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


def toml_settings(text: str) -> Mapping[str, Known[object] | Unknown]:
    """The values at the top of a document; what is no TOML is the entry `""`, Unknown: it may set any name."""
    import tomllib  # noqa: PLC0415 - few servers are configured so

    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {"": Unknown("the configuration file is not valid TOML")}
    return {name: Known(value, f"line {_line(text, name)}, {name}") for name, value in values.items()}


def toml_tables(text: str) -> Mapping[str, Known[object] | Unknown]:
    """The values of each table, by its name: `server.port`. What is no TOML is the entry `""`, as above."""
    tables = toml_settings(text)
    if "" in tables:
        return tables
    return {
        f"{table}.{name}": _known(text, table, name, value)
        for table, found in tables.items()
        if isinstance(found, Known) and isinstance(found.value, dict)
        for name, value in found.value.items()
    }


def _known(text: str, table: str, name: str, value: object) -> Known[object]:
    header = re.search(rf"^[ \t]*\[[ \t]*{re.escape(table)}[ \t]*\]", text, re.MULTILINE)
    above = header.end() if header else 0
    return Known(value, f"line {text.count(chr(10), 0, above) + _line(text[above:], name)}, {table}.{name}")


def _line(text: str, name: str) -> int:
    found = re.search(rf"^[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*[=.]", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1
