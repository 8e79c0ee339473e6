"""What the Helm chart says of itself, made from its values.yaml: the schema, the table of values, the settings in it.

values.yaml is the source. The comment above a value says what it is; a line `@schema` in it adds to what its default
already tells of its type, or takes that's place if it names a `type` or a `$ref`.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

import yaml
from msgspec import Struct

from gracekeeper.policyfiles.schema import DIALECT
from gracekeeper.policyfiles.schema import schema as policy_schema
from gracekeeper.settings import OperatorSettings, helm_value
from gracekeeper.settings_table import default

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gracekeeper_policies.rule import Rule

FOLDER: Final = "charts/gracekeeper"

_WIDTH: Final = 118
_SETTINGS: Final = "settings"
_POLICY: Final = "PolicySpec"
_MARK: Final = "@schema "
_TYPES: Final = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "seq": "array",
    "map": "object",
}
_REPLACING: Final = frozenset({"type", "$ref"})


class Value(Struct, frozen=True):
    """One value of the chart: where it stands, what is said of it, and its default."""

    path: tuple[str, ...]
    about: str
    node: yaml.Node
    extra: dict[str, Any]
    inner: tuple[Value, ...]

    @property
    def schema(self) -> dict[str, Any]:
        """What the value may be."""
        derived = {} if _REPLACING & self.extra.keys() else _schema_of(self)
        return {"description": self.about, **derived, **self.extra}

    @property
    def default(self) -> str:
        """Its default, as one would write it."""
        return json.dumps(_plain(self.node), ensure_ascii=False)


def values_text(text: str) -> str:
    """values.yaml with the operator's settings in it as they are now."""
    return _between(text, "# <!-- settings -->\n", "# <!-- end of settings -->\n", _settings())


def readme_text(text: str, values: str) -> str:
    """The chart's README.md with its table of values."""
    rows = "".join(
        f"| `{'.'.join(each.path)}` | `{each.default}` | {each.about} |\n" for each in _leaves(_read(values))
    )
    table = f"| Value | Default | What it is |\n| --- | --- | --- |\n{rows}"
    return _between(text, "<!-- values -->\n", "<!-- end of values -->\n", f"\n{table}\n")


def schema_text(values: str, rules: Sequence[Rule]) -> str:
    """values.schema.json: a value that the chart does not know fails the installation, with its place."""
    definitions = policy_schema(rules)["$defs"]
    properties = {each.path[-1]: each.schema for each in _read(values)}
    properties |= {"global": {"description": "Values that a chart around this one shares.", "type": "object"}}
    for name in _helm_settings():
        properties[_SETTINGS]["properties"][_key(name)] = _setting_schema(name)
    made = {
        "$schema": DIALECT,
        "title": "Values of the Gracekeeper chart",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {name: definitions[name] for name in sorted(_reachable(_POLICY, definitions))},
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _read(text: str) -> tuple[Value, ...]:
    return tuple(_values(yaml.compose(text, Loader=yaml.SafeLoader), text.splitlines(), ()))


def _values(node: yaml.Node | None, lines: Sequence[str], path: tuple[str, ...]) -> Iterator[Value]:
    # What stands in braces has no comments of its own; it is a default as a whole.
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return
    for key, value in node.value:
        comment = _comment(lines, key.start_mark.line)
        extra = next((_schema_part(each.removeprefix(_MARK)) for each in comment if each.startswith(_MARK)), {})
        about = " ".join(each for each in comment if not each.startswith(_MARK))
        at = (*path, key.value)
        inner = () if _REPLACING & extra.keys() else tuple(_values(value, lines, at))
        yield Value(at, about, value, extra, inner)


def _schema_part(text: str) -> dict[str, Any]:
    """A schema's part, written in one line of YAML; `policy` stands for a GracePolicy's `spec`."""
    part: dict[str, Any] = yaml.safe_load(text)
    return {"$ref": f"#/$defs/{_POLICY}"} if part.get("$ref") == "policy" else part


def _comment(lines: Sequence[str], number: int) -> list[str]:
    """The lines of the comment right above a line."""
    above = number
    while above and re.match(r"\s*# (?!<!--)", lines[above - 1]):
        above -= 1
    return [line.strip().removeprefix("# ") for line in lines[above:number]]


def _schema_of(value: Value) -> dict[str, Any]:
    kind = _TYPES[value.node.tag.rpartition(":")[2]]
    if value.inner:
        properties = {each.path[-1]: each.schema for each in value.inner}
        return {"type": kind, "additionalProperties": False, "properties": properties}
    return {"type": kind}


def _leaves(values: Sequence[Value]) -> Iterator[Value]:
    for each in values:
        yield from _leaves(each.inner) if each.inner else (each,)


def _settings() -> str:
    head = f"# What the operator is told; docs/settings.md lists all of it.\n{_SETTINGS}:\n"
    return head + "".join(map(_setting, _helm_settings()))


def _setting(name: str) -> str:
    about = OperatorSettings.model_fields[name].description or ""
    comment = "".join(f"  # {line}\n" for line in textwrap.wrap(about, _WIDTH - 4, break_on_hyphens=False))
    return f"{comment}  {_key(name)}: {json.dumps(default(name))}\n"


def _helm_settings() -> list[str]:
    return [name for name in OperatorSettings.model_fields if helm_value(name).startswith(f"{_SETTINGS}.")]


def _key(name: str) -> str:
    return helm_value(name).rpartition(".")[2]


def _setting_schema(name: str) -> dict[str, Any]:
    made: dict[str, Any] = OperatorSettings.model_json_schema()["properties"][name]
    return {key: each for key, each in made.items() if key not in {"default", "title"}}


def _reachable(name: str, definitions: Mapping[str, Any]) -> set[str]:
    found, waiting = set[str](), [name]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += re.findall(r'"#/\$defs/([^"]+)"', json.dumps(definitions[each]))
    return found


def _between(text: str, start: str, end: str, content: str) -> str:
    before, _, rest = text.partition(start)
    return f"{before}{start}{content}{end}{rest.partition(end)[2]}"


def _plain(node: yaml.Node) -> object:
    return yaml.safe_load(yaml.serialize(node, Dumper=yaml.SafeDumper))
