"""The custom resource definitions: structural, complete, and the same wherever they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gracekeeper.policyfiles.crds import (
    EXCEPTIONS,
    POLICIES,
    RESOURCES,
    Resource,
    crd,
    crd_template,
    crd_text,
    crds_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPINGS = ("properties", "additionalProperties", "x-kubernetes-preserve-unknown-fields")
OURS = {
    POLICIES.plural: ("Cluster", "GracePolicy", "gracepolicy", "gpol"),
    EXCEPTIONS.plural: ("Namespaced", "GraceException", "graceexception", "gex"),
}

each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.plural)


def version(resource: Resource) -> dict[str, Any]:
    """The one version of a definition."""
    (only,) = crd(resource)["spec"]["versions"]
    assert isinstance(only, dict)
    return only


def schema(resource: Resource) -> dict[str, Any]:
    """Its schema."""
    found: dict[str, Any] = version(resource)["schema"]["openAPIV3Schema"]
    return found


def nodes(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside a schema, with its place."""
    yield path, node
    for name, each in node.get("properties", {}).items():
        yield from nodes(each, f"{path}.{name}")
    for name in ("items", "additionalProperties"):
        if name in node:
            yield from nodes(node[name], f"{path}[]")


def at(resource: Resource, path: str) -> dict[str, Any]:
    """The schema at a place."""
    return dict(nodes(schema(resource)))[path]


@each_resource
def test_names_are_those_that_people_type(resource: Resource) -> None:
    """`kubectl get gpol`, `kubectl get gracekeeper`."""
    spec = crd(resource)["spec"]
    names = spec["names"]
    assert OURS[resource.plural] == (spec["scope"], names["kind"], names["singular"], *names["shortNames"])
    assert ["gracekeeper"] == names["categories"]


@each_resource
def test_every_schema_is_structural(resource: Resource) -> None:
    """One type each, nothing referred to, and of a mapping either its fields or its values."""
    for path, node in nodes(schema(resource)):
        assert isinstance(node["type"], str), path
        assert not node.keys() & {"$ref", "$defs", "anyOf", "allOf", "oneOf", "const", "title"}, path
        if path not in ("", ".metadata"):
            assert (node["type"] == "object") == (len(node.keys() & set(MAPPINGS)) == 1), path
        assert ("items" in node) == (node["type"] == "array"), path


@each_resource
def test_every_field_of_a_file_is_stored(resource: Resource) -> None:
    """What the schema does not know the API server would drop."""
    made = resource.model.model_json_schema(by_alias=True)
    spec = made["$defs"][made["properties"]["spec"]["$ref"].rpartition("/")[2]]
    assert list(spec["properties"]) == list(at(resource, ".spec")["properties"])
    assert ["apiVersion", "kind", "metadata", "spec", "status"] == list(schema(resource)["properties"])


@each_resource
def test_every_field_is_explained(resource: Resource) -> None:
    """By `kubectl explain`, which takes its words from here."""
    silent = [path for path, node in nodes(schema(resource)) if len(node.get("description", "")) < 8]
    assert [] == [path for path in silent if not path.endswith("[]") and path != ".metadata"]


def test_null_is_what_it_is_in_a_file() -> None:
    """A rule that says nothing more applies; without `nullable` the API server would drop it."""
    setting = at(POLICIES, ".spec.rules[]")
    assert setting["nullable"]
    assert at(POLICIES, ".spec.match.namespaceSelector")["nullable"]
    assert at(POLICIES, ".spec.match.objectSelector.matchLabels[]")["nullable"]


def test_parameters_are_stored_whatever_the_rule() -> None:
    """Rules of others bring parameters of their own; those that are wrong are told by name when they are read."""
    assert at(POLICIES, ".spec.rules[].parameters")["x-kubernetes-preserve-unknown-fields"]


def test_defaults_are_filled_in_also_where_no_spec_is_written() -> None:
    """So that the columns say what holds."""
    assert {} == at(POLICIES, ".spec")["default"]
    assert "standard" == at(POLICIES, ".spec.profile")["default"]
    assert "spec" not in schema(POLICIES).get("required", [])
    assert ["spec"] == schema(EXCEPTIONS)["required"]


def test_an_exception_says_why_and_until_when() -> None:
    """The API server itself refuses one without."""
    assert ["rules", "reason", "expires"] == at(EXCEPTIONS, ".spec")["required"]
    assert ("date", r"\S") == (at(EXCEPTIONS, ".spec.expires")["format"], at(EXCEPTIONS, ".spec.reason")["pattern"])


@each_resource
def test_conditions_are_told_apart_by_their_type(resource: Resource) -> None:
    """As every Kubernetes object has them, and written beside the object itself."""
    conditions = at(resource, ".status.conditions")
    assert ("map", ["type"]) == (conditions["x-kubernetes-list-type"], conditions["x-kubernetes-list-map-keys"])
    assert {"status": {}} == version(resource)["subresources"]


@each_resource
def test_every_column_shows_a_field(resource: Resource) -> None:
    """A column whose field was renamed stays empty for ever."""
    known = {path for path, _ in nodes(schema(resource))} | {".metadata.creationTimestamp"}
    columns = [
        column["jsonPath"].replace('[?(@.type=="InForce")]', "[]")
        for column in version(resource)["additionalPrinterColumns"]
    ]
    assert [] == [path for path in columns if path not in known]


def test_the_text_is_what_it_says() -> None:
    """Spelled out, since not everything that reads YAML follows an alias."""
    text = crds_text()
    assert [crd(each) for each in RESOURCES] == list(yaml.safe_load_all(text))
    assert "&id" not in text


@each_resource
def test_the_chart_installs_the_same_and_keeps_it(resource: Resource) -> None:
    """`helm uninstall` would otherwise take all policies along."""
    first, condition, *lines, end = crd_template(resource).splitlines()
    definition = yaml.safe_load("\n".join(lines))
    assert {"helm.sh/resource-policy": "keep"} == definition["metadata"].pop("annotations")
    assert crd(resource) == definition
    assert ("{{- if .Values.crds.install }}", "{{- end }}") == (condition, end)
    assert first.startswith("{{- /*")
    assert "{{" not in crd_text(resource)
