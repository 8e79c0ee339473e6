"""The JSON Schema of policy files: what an editor completes, explains and underlines while somebody writes one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from gracekeeper.policyfiles import models
from gracekeeper.policyfiles.parameters import model_of
from gracekeeper_policies.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.rule import Rule

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_WHAT: Final = "A document of a Gracekeeper policy file: a policy, an exception, or a repository's settings."


def schema_text(rules: Sequence[Rule]) -> str:
    """Write the schema of one document of a policy file, with every rule and its parameters."""
    return json.dumps(schema(rules), indent=2, ensure_ascii=False) + "\n"


def schema(rules: Sequence[Rule]) -> dict[str, Any]:
    """Make the schema out of the models and the rules. A document's kind decides which part of it holds."""
    _, made = models_json_schema(
        [(model, "validation") for model in models.DOCUMENTS], by_alias=True, ref_template="#/$defs/{model}"
    )
    definitions = {name: _plain(each) for name, each in made["$defs"].items()}
    setting = definitions.pop("RuleSetting")
    _enumerate(definitions, rules, setting)
    names = [model.__name__ for model in models.DOCUMENTS]
    first = definitions[names[0]]["properties"]
    return {
        "$schema": DIALECT,
        "title": "Gracekeeper policy file",
        "description": _WHAT,
        "type": "object",
        "properties": {
            "apiVersion": first["apiVersion"],
            "kind": {"enum": names, "description": "What the document is."},
        },
        "required": ["apiVersion", "kind"],
        "allOf": [
            {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in names
        ],
        "$defs": definitions,
    }


def _enumerate(definitions: dict[str, Any], rules: Sequence[Rule], setting: dict[str, Any]) -> None:
    """Put names where the models know only text: rules, their parameters, kinds of workloads."""
    policy = definitions["PolicySpec"]["properties"]
    policy["rules"] = {
        "description": policy["rules"]["description"],
        "type": ["object", "null"],
        "properties": {rule.id: {"description": _about(rule), "$ref": f"#/$defs/{rule.id}"} for rule in rules},
        "additionalProperties": False,
    }
    definitions |= {rule.id: _setting(rule, setting) for rule in rules}
    definitions["ExceptionSpec"]["properties"]["rules"]["items"] = {
        "enum": [rule.id for rule in rules],
        "markdownEnumDescriptions": [_about(rule) for rule in rules],  # editors show them; validators ignore the word
    }
    for match in ("PolicyMatch", "ExceptionMatch"):
        definitions[match]["properties"]["kinds"]["items"] = {"anyOf": [{"enum": list(KINDS)}, {"type": "string"}]}


def _about(rule: Rule) -> str:
    return f"{rule.title} ({rule.card.severity.label}, from profile {rule.card.profile.label} on)"


def _setting(rule: Rule, setting: dict[str, Any]) -> dict[str, Any]:
    own = _plain(model_of(rule).model_json_schema(by_alias=True))
    about = setting["properties"]["parameters"]["description"]
    parameters = {"description": about, "type": "object", "additionalProperties": False}
    parameters["properties"] = own.get("properties", {})
    return {
        "description": _about(rule),
        "type": ["object", "null"],
        "properties": {**setting["properties"], "parameters": parameters},
        "additionalProperties": False,
    }


def _is_noise(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value == []) or key == models.CEL


def _plain(node: Any) -> Any:  # noqa: ANN401 - a schema is any JSON
    """A schema without titles made of names, defaults that are empty, and `null` beside the one thing that counts."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _plain(value) for key, value in node.items() if not _is_noise(key, value)}
    branches = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
    if len(branches) == 1:
        del kept["anyOf"]
        kept = branches[0] | kept
        kept.pop("default", None)
    return kept
