"""The settings of the operator as a page: flag, environment variable, Helm value, default and reason of each."""

from __future__ import annotations

from typing import Final

from gracekeeper.settings import OperatorSettings, flag, helm_value, variable

_HEAD: Final = """\
<!-- Made by `make generate` from controller/gracekeeper/settings.py: change that. -->

# Settings of the operator

`gracekeeper operator` reads them once, at its start. A flag comes before the environment, and that before the default.
Lists are written with commas, and as lists in Helm values. The unit of a number is the last word of its name.

| Setting | Default | Why |
| --- | --- | --- |
"""


def settings_page() -> str:
    """The page, in the order of the fields."""
    return _HEAD + "".join(map(_row, OperatorSettings.model_fields))


def default(name: str) -> object:
    """The default of a field, as YAML would hold it."""
    value = OperatorSettings.model_fields[name].default
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if value is None or isinstance(value, int | float) else str(value)


def written(name: str) -> str:
    """The default of a field, as a flag or a variable would hold it; empty for none."""
    value = default(name)
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None else str(value)


def _row(name: str) -> str:
    names = [flag(name), variable(name), *filter(None, [helm_value(name)])]
    shown = f"`{written(name)}`" if written(name) else "–"
    reason = OperatorSettings.model_fields[name].description
    return f"| {'<br>'.join(f'`{each}`' for each in names)} | {shown} | {reason} |\n"
