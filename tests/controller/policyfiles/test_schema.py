"""The JSON Schema: a validator says of a policy file what the program says, and an editor has something to explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from gracekeeper.policyfiles.schema import DIALECT, schema
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gracekeeper.policyfiles.reading import PolicySet

    Said = Callable[[str], PolicySet]
    Around = Callable[[str], str]

SCHEMA = schema(RULES)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
GOOD_POLICIES = (
    "{}",
    "{profile: strict, mode: warn, updates: enforce, scope: all, allowNamespaceMode: true}",
    'rules: {grace-period-too-short: {mode: "off", parameters: {marginSeconds: 5}, exemptible: false}}',
    "rules: {run-as-root: }",
    "rules:",
    "match: {kinds: [Deployment], names: [web-*], namespaceSelector: {}, objectSelector: {matchLabels: {a: b}}}",
    "match: {objectSelector: {matchExpressions: [{key: tier, operator: In, values: [a]}]}}",
    "podTemplates: [{group: apps.example.com, kind: WebApp, path: spec.template}]",
)
BAD_POLICIES = (
    "rules: {run-as-rot: {}}",
    "rules: {run-as-root: {parameters: {x: 1}}}",
    "rules: {grace-period-too-short: {parameters: {marginMinutes: 1}}}",
    "rules: {grace-period-too-short: {parameters: {marginSeconds: 5s}}}",
    "rules: {grace-period-too-short: {parameters: {marginSeconds: -1}}}",
    "rules: {run-as-root: {mode: off}}",
    "profil: strict",
    "profile: strickt",
    "match: {kinds: []}",
    "match: {names: web}",
    "match: {objectSelector: {matchExpressions: [{key: tier, operator: in, values: [a]}]}}",
    "podTemplates: [{group: a.b, kind: WebApp, path: spec..template}]",
)
BAD_EXCEPTIONS = (
    "{rules: [run-as-root], expires: '2027-03-01'}",
    "{rules: [run-as-root], reason: legacy}",
    "{rules: [], reason: legacy, expires: '2027-03-01'}",
    "{rules: [run-as-rot], reason: legacy, expires: '2027-03-01'}",
    "{rules: [run-as-root], reason: legacy, expires: next spring}",
    "{rules: [run-as-root], reason: legacy, expires: '2027-03-01', match: {namespaceSelector: {}}}",
)


def errors(text: str) -> list[str]:
    """What a validator says of a document."""
    return [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_the_schema_is_one() -> None:
    """Of the dialect that it names."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert DIALECT == SCHEMA["$schema"]


@pytest.mark.parametrize("spec", GOOD_POLICIES)
def test_a_good_policy_is_good_for_both(said: Said, policy: Around, spec: str) -> None:
    """For the validator and for the program."""
    assert [] == errors(policy(spec))
    assert [] == said(policy(spec)).misread


@pytest.mark.parametrize("spec", BAD_POLICIES)
def test_a_bad_policy_is_bad_for_both(said: Said, policy: Around, spec: str) -> None:
    """An editor underlines what the program would refuse."""
    assert errors(policy(spec))
    assert said(policy(spec)).misread


@pytest.mark.parametrize("spec", BAD_EXCEPTIONS)
def test_a_bad_exception_is_bad_for_both(said: Said, exception: Around, spec: str) -> None:
    """As is one without a reason, or without a last day."""
    assert errors(exception(spec))
    assert said(exception(spec)).misread


def test_a_good_exception_and_repository_are_good(exception: Around, repository: Around) -> None:
    """The schema has a part for each kind."""
    assert [] == errors(exception("{rules: [run-as-root], reason: legacy, expires: '2027-03-01'}"))
    assert [] == errors(repository("exclude: [vendor/]"))
    assert [] == errors(repository("sourceRoots: [{path: web, image: shop/web}, {path: jobs}]"))
    assert errors(repository("sourceRoots: [{image: shop/web}]"))


@pytest.mark.parametrize(
    "text", ["kind: GracePolicy", "apiVersion: v1\nkind: GracePolicy", "apiVersion: gracekeeper.dev/v1alpha1\nkind: X"]
)
def test_another_document_is_none(text: str) -> None:
    """Neither by its version nor by its kind."""
    assert errors(text)


def test_every_rule_is_known_with_its_parameters() -> None:
    """By id, and with a sentence for each parameter."""
    known = SCHEMA["$defs"]["PolicySpec"]["properties"]["rules"]["properties"]
    assert [rule.id for rule in RULES] == list(known)
    margin = SCHEMA["$defs"]["grace-period-too-short"]["properties"]["parameters"]["properties"]["marginSeconds"]
    assert ("integer", 2, 0) == (margin["type"], margin["default"], margin["minimum"])
    assert margin["description"].endswith("(seconds).")


def test_kinds_are_proposed_and_others_allowed() -> None:
    """A policy may add kinds."""
    kinds = SCHEMA["$defs"]["PolicyMatch"]["properties"]["kinds"]["items"]
    assert {"anyOf": [{"enum": list(KINDS)}, {"type": "string"}]} == kinds


def fields(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - a schema is any JSON
    """Every field that a schema declares, with its place."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "properties" and not path.endswith("/if"):
                yield from ((f"{path}/{field}", declared) for field, declared in value.items())
            yield from fields(value, f"{path}/{name}")
    elif isinstance(node, list):
        for value in node:
            yield from fields(value, path)


def test_every_field_is_explained() -> None:
    """An editor shows the sentence when the pointer rests on the field."""
    declared = dict(fields(SCHEMA))
    assert len(declared) > 50
    assert [] == [place for place, field in declared.items() if len(field.get("description", "")) < 8]
