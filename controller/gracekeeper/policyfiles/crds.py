"""The custom resource definitions: by the models that files are read by, a cluster stores the same documents.

Kubernetes takes structural schemas only: nothing is referred to, null is `nullable`, and fields that the schema does
not know are dropped, so `additionalProperties: false` is neither needed nor allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml
from msgspec import Struct

from gracekeeper.policyfiles import models, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

GROUP, _, VERSION = models.API_VERSION.partition("/")

_WIDTH: Final = 120
_NULL: Final = {"type": "null"}
_ANYTHING: Final = {"x-kubernetes-preserve-unknown-fields": True}
_REMADE: Final = frozenset({"title", "properties", "items", "additionalProperties", "anyOf", "$ref", "$defs"})
_FIRST: Final = ("description", "type", "nullable", "default")
_TEMPLATE_HEAD: Final = """\
{{- /* Made by `make generate` from the models of policy files: change those. */ -}}
{{- if .Values.crds.install }}
"""
_TEMPLATE_END: Final = "{{- end }}\n"


class Resource(Struct, frozen=True):
    """One of our kinds in a cluster; `columns` are what kubectl prints: name, path and whether only `-o wide` does."""

    model: type[BaseModel]
    status: type[BaseModel]
    plural: str
    short: str
    is_namespaced: bool
    columns: tuple[tuple[str, str, bool], ...]

    @property
    def kind(self) -> str:
        """`GracePolicy`."""
        return self.model.__name__


_IN_FORCE: Final = ("In force", '.status.conditions[?(@.type=="InForce")].status', False)
_WHY: Final = ("Why", '.status.conditions[?(@.type=="InForce")].message', True)

POLICIES: Final = Resource(
    models.GracePolicy,
    status.PolicyStatus,
    "gracepolicies",
    "gpol",
    is_namespaced=False,
    columns=(
        ("Profile", ".spec.profile", False),
        ("Mode", ".spec.mode", False),
        ("Scope", ".spec.scope", True),
        ("Namespaces", ".status.namespaces", False),
        _IN_FORCE,
        _WHY,
    ),
)
EXCEPTIONS: Final = Resource(
    models.GraceException,
    status.ExceptionStatus,
    "graceexceptions",
    "gex",
    is_namespaced=True,
    columns=(("Rules", ".spec.rules", False), ("Expires", ".spec.expires", False), _IN_FORCE, _WHY),
)
RESOURCES: Final = (POLICIES, EXCEPTIONS)
"""What a cluster stores; a GraceRepository has no meaning there."""


def crds_text() -> str:
    """All definitions, as one text of YAML."""
    return "---\n".join(crd_text(each) for each in RESOURCES)


def crd_text(resource: Resource) -> str:
    """One definition as YAML."""
    return _yaml(crd(resource))


def crd_template(resource: Resource) -> str:
    """One definition as a template of the chart: it stays when the release goes, and policies with it."""
    definition = crd(resource)
    definition["metadata"]["annotations"] = {"helm.sh/resource-policy": "keep"}
    return f"{_TEMPLATE_HEAD}{_yaml(definition)}{_TEMPLATE_END}"


def _yaml(values: object) -> str:
    return yaml.dump(values, Dumper=_Spelled, sort_keys=False, allow_unicode=True, width=_WIDTH)


class _Spelled(yaml.SafeDumper):
    """Spells out what stands in several places."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - whatever it is
        return True


def crd(resource: Resource) -> dict[str, Any]:
    """One definition."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced" if resource.is_namespaced else "Cluster",
            "names": {
                "kind": resource.kind,
                "listKind": f"{resource.kind}List",
                "plural": resource.plural,
                "singular": resource.kind.lower(),
                "shortNames": [resource.short],
                "categories": ["gracekeeper"],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [*_columns(resource)],
                    "schema": {"openAPIV3Schema": _schema(resource)},
                }
            ],
        },
    }


def _columns(resource: Resource) -> Iterator[dict[str, Any]]:
    for name, path, wide in resource.columns:
        kind = "integer" if path == ".status.namespaces" else "string"
        yield {"name": name, "type": kind, "jsonPath": path} | ({"priority": 1} if wide else {})
    yield {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def _schema(resource: Resource) -> dict[str, Any]:
    schema = _structural_of(resource.model)
    properties = schema["properties"]
    for name in ("apiVersion", "kind"):
        properties[name] = {"type": "string", "description": properties[name]["description"]}
    properties["metadata"] = {"type": "object"}
    if "spec" not in schema["required"]:
        properties["spec"]["default"] = {}  # only then are the defaults inside it filled in
    properties["status"] = _structural_of(resource.status)
    properties["status"]["properties"]["conditions"] |= {
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    }
    schema["required"] = [name for name in schema["required"] if name not in {"apiVersion", "kind", "metadata"}]
    return {key: value for key, value in schema.items() if value != []}


def _structural_of(model: type[BaseModel]) -> dict[str, Any]:
    made = model.model_json_schema(by_alias=True)
    return _structural(made, made.get("$defs", {}))


def _structural(node: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """A schema as Kubernetes wants it; `named` are those that it may refer to."""
    own = {key: value for key, value in node.items() if key not in _REMADE and not _is_empty_default(key, value)}
    schema = _inner(node, named) | own
    return {key: schema[key] for key in (*_FIRST, *schema) if key in schema}


def _inner(node: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return _structural(named[node["$ref"].rpartition("/")[2]], named)
    if "anyOf" in node:
        (one,) = (each for each in node["anyOf"] if each != _NULL)
        return {**_structural(one, named), "nullable": True}
    match node["type"]:
        case "array":
            return {"items": _structural(node["items"], named), "x-kubernetes-list-type": "atomic"}
        case "integer":
            return {"format": "int64"}
        case "object":
            return _fields(node, named)
    return {}


def _fields(node: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    if "properties" in node:
        return {"properties": {name: _structural(each, named) for name, each in node["properties"].items()}}
    values = node["additionalProperties"]
    return _ANYTHING if values is True else {"additionalProperties": _structural(values, named)}


def _is_empty_default(key: str, value: object) -> bool:
    return key == "default" and value in ([], {}, "", None)
