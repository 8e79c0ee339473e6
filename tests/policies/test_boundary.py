"""Fields of the wrong type: each is named with its place and one sentence that quotes no value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies import podspec
from gracekeeper_policies.boundary import Misreadings, read
from gracekeeper_policies.document import Document, render_path
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.workload import read_workload

SECRET = "hunter2"  # noqa: S105


def misread(values: dict[str, Any]) -> list[str]:
    """What is wrong with a Deployment, as `path: message`."""
    found = read_workload(Document({"apiVersion": "apps/v1", "kind": "Deployment", **values}), Neighbours())
    return (
        [f"{render_path(each.path)}: {each.message}" for each in found.fields] if isinstance(found, Misreadings) else []
    )


def pod(**spec: object) -> dict[str, Any]:
    """A Deployment's values with this pod spec."""
    return {"spec": {"template": {"spec": spec}}}


def container(**fields: object) -> dict[str, Any]:
    """A Deployment's values with one container."""
    return pod(containers=[{"name": "web", **fields}])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"image": 1.5}, "image: expected a string, found a number"),
        ({"image": ["a"]}, "image: expected a string, found a list"),
        ({"command": "gunicorn"}, "command: expected a list, found a string"),
        ({"command": ["gunicorn", 8000]}, "command[1]: expected a string, found an integer"),
        ({"args": [None]}, "args[0]: expected a string, found null"),
        ({"env": {"A": "b"}}, "env: expected a list, found a mapping"),
        ({"env": [{"name": "PORT", "value": 8000}]}, "env[0].value: expected a string, found an integer"),
        ({"env": [{"name": "DEBUG", "value": True}]}, "env[0].value: expected a string, found a boolean"),
        ({"env": [{"value": "x"}]}, "env[0].name: expected the field name, which is missing"),
        ({"ports": [{"containerPort": "80"}]}, "ports[0].containerPort: expected an integer, found a string"),
        ({"ports": [{"containerPort": 80.5}]}, "ports[0].containerPort: expected an integer, found a number"),
        (
            {"livenessProbe": {"httpGet": {"port": 80.5}}},
            "livenessProbe.httpGet.port: expected an integer or a string, found a number",
        ),
        (
            {"livenessProbe": {"httpGet": {"port": ["http"]}}},
            "livenessProbe.httpGet.port: expected an integer or a string, found a list",
        ),
        (
            {"livenessProbe": {"httpGet": {"path": "/"}}},
            "livenessProbe.httpGet.port: expected the field port, which is missing",
        ),
        (
            {"livenessProbe": {"periodSeconds": "10"}},
            "livenessProbe.periodSeconds: expected an integer, found a string",
        ),
        ({"livenessProbe": {"grpc": {"port": "http"}}}, "livenessProbe.grpc.port: expected an integer, found a string"),
        ({"lifecycle": {"preStop": "sleep 5"}}, "lifecycle.preStop: expected a mapping, found a string"),
        (
            {"securityContext": {"runAsNonRoot": "true"}},
            "securityContext.runAsNonRoot: expected true or false, found a string",
        ),
        ({"resources": {"limits": []}}, "resources.limits: expected a mapping, found a list"),
        (
            {"resources": {"limits": {"memory": "512MB"}}},
            "resources.limits.memory: expected a quantity such as 500m, 2 or 512Mi",
        ),
        ({"resources": {"limits": {"cpu": True}}}, "resources.limits.cpu: expected a quantity such as 500m or 512Mi"),
        (
            {"ports": [{"containerPort": 2**63}]},
            "ports[0].containerPort: expected an integer of at most 64 bits",
        ),
    ],
)
def test_a_field_of_the_wrong_type_is_named_with_its_place(fields: dict[str, Any], sentence: str) -> None:
    """The path leads to the very field; the sentence says what was expected and what was found."""
    assert [f"spec.template.spec.containers[0].{sentence}"] == misread(container(**fields))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"spec": {"replicas": "three", "template": {"spec": {}}}},
            "spec.replicas: expected an integer, found a string",
        ),
        ({"spec": {"replicas": 1.5, "template": {"spec": {}}}}, "spec.replicas: expected an integer, found a number"),
        ({"spec": {"replicas": True, "template": {"spec": {}}}}, "spec.replicas: expected an integer, found a boolean"),
        (pod(containers={}), "spec.template.spec.containers: expected a list, found a mapping"),
        (pod(containers=[None]), "spec.template.spec.containers[0]: expected a mapping, found null"),
        (pod(containers=["web"]), "spec.template.spec.containers[0]: expected a mapping, found a string"),
        (pod(hostPID="yes"), "spec.template.spec.hostPID: expected true or false, found a string"),
        ({"spec": {"template": {"spec": []}}}, "spec.template.spec: expected a mapping, found a list"),
        ({"spec": {"template": {"spec": "x"}}}, "spec.template.spec: expected a mapping, found a string"),
        (
            {"spec": {"template": {"metadata": {"labels": {"app": 1}}, "spec": {}}}},
            "spec.template.metadata.labels.app: expected a string, found an integer",
        ),
        (
            {"metadata": {"annotations": {"a.b/c": True}}, **pod()},
            'metadata.annotations["a.b/c"]: expected a string, found a boolean',
        ),
        ({"metadata": {"name": 7}, **pod()}, "metadata.name: expected a string, found an integer"),
        ({"metadata": {"labels": ["a"]}, **pod()}, "metadata.labels: expected a mapping, found a list"),
    ],
)
def test_wrong_types_above_the_containers_are_named_too(values: dict[str, Any], sentence: str) -> None:
    """Of the workload itself, its template and its pod."""
    assert [sentence] == misread(values)


def test_every_wrong_field_is_named_at_once() -> None:
    """Nobody mends one only to be told of the next."""
    values = container(image=1, env=[{"name": "A", "value": 2}], livenessProbe={"periodSeconds": "x"})
    assert misread({"spec": {"replicas": "x", **values["spec"]}}) == [
        "spec.replicas: expected an integer, found a string",
        "spec.template.spec.containers[0].image: expected a string, found an integer",
        "spec.template.spec.containers[0].env[0].value: expected a string, found an integer",
        "spec.template.spec.containers[0].livenessProbe.periodSeconds: expected an integer, found a string",
    ]


def test_two_wrong_fields_with_one_value_are_told_apart() -> None:
    """Python holds equal texts once; each field still says what itself expects."""
    wrong = "x"
    assert misread(pod(hostNetwork=wrong, terminationGracePeriodSeconds=wrong)) == [
        "spec.template.spec.terminationGracePeriodSeconds: expected an integer, found a string",
        "spec.template.spec.hostNetwork: expected true or false, found a string",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"env": {"PASSWORD": SECRET}},
        {"env": [{"name": "PASSWORD", "value": [SECRET]}]},
        {"resources": {"limits": {"memory": SECRET}}},
        {"livenessProbe": {"httpGet": {"port": [SECRET]}}},
        {"command": SECRET},
    ],
)
def test_a_message_never_quotes_the_value(fields: dict[str, Any]) -> None:
    """It may be a secret that was put in the wrong place."""
    sentences = misread(container(**fields))
    assert len(sentences) == 1
    assert SECRET not in sentences[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.sampled_from(sorted(podspec.Container.__struct_encode_fields__))


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_a_container_holds_is_read_or_named(fields: dict[str, Any]) -> None:
    """Reading never raises, and each complaint leads to a place that exists or misses exactly its last step."""
    found = read(podspec.Container, fields, document=Document({}), path=())
    for each in found.fields if isinstance(found, Misreadings) else ():
        at: Any = fields
        for step in each.path[:-1]:
            at = at[step]
        assert each.path[-1] in at or isinstance(at, list) or "missing" in each.message, json.dumps(fields)
