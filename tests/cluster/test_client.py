"""What the API server says reaches a test whole: warnings, refusals, and in whose name one asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cluster.client import RefusedError, eventually, warning_texts

if TYPE_CHECKING:
    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane

MESSAGE: Final = 'this says "no"'


def config_map(namespace: str, **data: str) -> Manifest:
    """A ConfigMap with data."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}, "data": data}


def object_to(client: Client, namespace: str, action: str) -> None:
    """Let the API server itself object to ConfigMaps with the key `bad`, by the action `Warn` or `Deny`."""
    policy: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": namespace},
        "spec": {
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
                ],
            },
            "validations": [{"expression": "!('bad' in object.data)", "messageExpression": json.dumps(MESSAGE)}],
        },
    }
    spec = {"policyName": namespace, "validationActions": [action]}
    client.create(policy).object()
    client.create({**policy, "kind": "ValidatingAdmissionPolicyBinding", "spec": spec}).object()
    bad = config_map(namespace, bad="")
    eventually(lambda: (answer := client.create(bad, dry_run=True)).warnings or not answer.admitted)


def test_warnings_are_read_from_the_headers(client: Client, namespace: str) -> None:
    """They come with an object that is admitted all the same."""
    object_to(client, namespace, "Warn")

    answer = client.create(config_map(namespace, bad=""))

    assert answer.admitted
    assert len(answer.warnings) == 1
    assert answer.warnings[0].endswith(MESSAGE)


def test_refusal_is_an_answer_like_any_other(client: Client, namespace: str) -> None:
    """It has a status and a message, and a test asks for them."""
    object_to(client, namespace, "Deny")

    answer = client.create(config_map(namespace, bad=""))

    assert answer.status == 422
    assert answer.message.endswith(MESSAGE)
    assert not answer.admitted


def test_refusal_is_an_error_where_an_object_is_needed(client: Client) -> None:
    """A test that sets something up does not go on without it."""
    with pytest.raises(RefusedError, match='404: namespaces "nowhere" not found'):
        client.create(config_map("nowhere")).object()


def test_objects_are_applied_changed_and_deleted(client: Client, namespace: str) -> None:
    """Every way to write takes a whole manifest, or its identity and a change."""
    manifest = config_map(namespace, a="1")

    applied = client.apply(manifest).object()["data"]
    merged = client.patch(manifest, {"data": {"b": "2"}}).object()["data"]
    patched = client.patch(manifest, [{"op": "remove", "path": "/data/a"}], kind="json").object()["data"]
    updated = client.update(config_map(namespace, c="3")).object()["data"]
    client.delete(manifest).object()

    assert [{"a": "1"}, {"a": "1", "b": "2"}, {"b": "2"}, {"c": "3"}] == [applied, merged, patched, updated]
    assert client.get(manifest).status == 404


def test_subresources_are_written_by_name(client: Client, namespace: str) -> None:
    """A scale is read and replaced beside the object that it belongs to."""
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    controller = {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"replicas": 0, "selector": labels, "template": template},
    }
    client.create(controller).object()

    scale = client.get(controller, subresource="scale").object()
    client.patch(controller, {"spec": {"replicas": 2}}, subresource="scale").object()

    assert scale["kind"] == "Scale"
    assert client.get(controller).object()["spec"]["replicas"] == 2


def test_new_kinds_are_found(client: Client, namespace: str) -> None:
    """A kind that a CRD brings can be used as soon as the API server serves it."""
    group = f"{namespace}.example.org"
    names = {"kind": "Thing", "plural": "things"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    client.create(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"things.{group}"},
            "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
        }
    ).object()
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "t", "namespace": namespace}}

    eventually(lambda: client.serves(f"{group}/v1", "Thing"))
    client.create(thing).object()

    assert [item["metadata"]["name"] for item in client.items(f"{group}/v1", "Thing", namespace)] == ["t"]


def test_client_may_act_as_another_user(client: Client, namespace: str) -> None:
    """A webhook sees that user, and the API server asks what it may do."""
    controller = client.acting_as("system:serviceaccount:kube-system:replicaset-controller")

    assert "cannot create resource" in controller.create(config_map(namespace)).message
    assert client.create(config_map(namespace)).admitted


def test_kubectl_prints_what_a_user_reads(control_plane: ControlPlane, namespace: str) -> None:
    """It is the real kubectl: its status, output and errors are those of a terminal."""
    object_to(control_plane.client, namespace, "Warn")

    done = control_plane.kubectl("apply", "-f", "-", text=json.dumps(config_map(namespace, bad="")))

    assert (done.returncode, done.stdout) == (0, "configmap/c created\n")
    assert done.stderr.startswith("Warning: Validation failed for ValidatingAdmissionPolicy")


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ('299 - "plain"', ("plain",)),
        (r'299 - "a \"quoted\" word and a \\"', ('a "quoted" word and a \\',)),
        ('299 - "one, two", 299 - "three"', ("one, two", "three")),
        ("nonsense", ()),
    ],
)
def test_warning_headers_are_unquoted(header: str, texts: tuple[str, ...]) -> None:
    """Quotes and backslashes inside a warning are its own."""
    assert texts == warning_texts([header])
