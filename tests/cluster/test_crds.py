"""The custom resource definitions on a real API server: it takes what a file may say, and reads as much into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gracekeeper.policyfiles.crds import RESOURCES, crd
from gracekeeper.policyfiles.models import API_VERSION
from gracekeeper.policyfiles.reading import Reader
from gracekeeper.policyfiles.starter import starter
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from tests.cluster.client import eventually

if TYPE_CHECKING:
    from gracekeeper_policies.policy import GracePolicy
    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane

GOOD = {
    "empty": "",
    "null": "spec:",
    "modes": "spec: {profile: strict, mode: warn, updates: enforce, scope: all, allowNamespaceMode: true}",
    "rules": "spec: {rules: {grace-period-too-short: {mode: 'off', parameters: {marginSeconds: 5}}}}",
    "a-rule-alone": "spec: {rules: {run-as-root: }}",
    "match": "spec: {match: {kinds: [Deployment], names: [web-*], namespaceSelector: {}}}",
    "nulls": "spec: {match: {namespaceSelector: , objectSelector: {matchLabels: {a: }}}, rules: , podTemplates: }",
    "expressions": """
        spec:
          match:
            objectSelector:
              matchExpressions:
              - {key: tier, operator: In, values: [a, b]}
              - {key: team, operator: Exists}
    """,
    "templates": "spec: {podTemplates: [{group: apps.example.com, kind: WebApp, path: spec.template}]}",
}
BAD = {
    "spec.profile": "spec: {profile: strickt}",
    "spec.mode": "spec: {mode: off}",
    "spec.match.kinds": "spec: {match: {kinds: []}}",
    "spec.match.names": "spec: {match: {names: web}}",
    "In and NotIn need at least one value": (
        "spec: {match: {objectSelector: {matchExpressions: [{key: tier, operator: In}]}}}"
    ),
    "Exists and DoesNotExist take none": (
        "spec: {match: {objectSelector: {matchExpressions: [{key: tier, operator: Exists, values: [a]}]}}}"
    ),
    "spec.podTemplates[0].path": "spec: {podTemplates: [{group: a.b, kind: WebApp, path: spec..template}]}",
}
EXCUSE = {"rules": ["run-as-root"], "reason": "legacy", "expires": "2027-03-01"}
BAD_EXCEPTIONS: dict[str, dict[str, object]] = {
    "spec.reason": {"reason": " "},
    "spec.expires": {"expires": "2027-02-30"},
    "spec.rules": {"rules": []},
}


@pytest.fixture(scope="module")
def definitions(control_plane: ControlPlane) -> None:
    """The definitions, established."""
    for resource in RESOURCES:
        control_plane.client.apply(crd(resource)).object()
    eventually(lambda: all(control_plane.client.serves(API_VERSION, each.kind) for each in RESOURCES))


def policy(name: str, text: str) -> Manifest:
    """A GracePolicy around a spec."""
    head = {"apiVersion": API_VERSION, "kind": "GracePolicy", "metadata": {"name": name}}
    return head | (yaml.safe_load(text) or {})


def exception(namespace: str, **spec: object) -> Manifest:
    """A GraceException."""
    metadata = {"name": "legacy", "namespace": namespace}
    return {"apiVersion": API_VERSION, "kind": "GraceException", "metadata": metadata, "spec": EXCUSE | spec}


def read(values: Manifest) -> GracePolicy:
    """A policy, as the program reads it."""
    reader = Reader(RULES, "default")
    reader.take([Document(values)])
    assert [] == reader.result.misread
    return reader.result.policies[0]


@pytest.mark.usefixtures("definitions")
@pytest.mark.parametrize("name", GOOD)
def test_a_stored_policy_says_what_it_says_in_a_file(client: Client, name: str) -> None:
    """Whatever the API server fills in, and whatever of it is null."""
    written = policy(name, GOOD[name])
    stored = client.create(written).object()
    assert read(written) == read(stored)
    client.delete(written).object()


@pytest.mark.usefixtures("definitions")
def test_the_built_in_policy_can_be_stored(client: Client) -> None:
    """Where many will start from."""
    written = yaml.safe_load(starter(RULES))
    assert read(written) == read(client.create(written, dry_run=True).object())


@pytest.mark.usefixtures("definitions")
@pytest.mark.parametrize("place", BAD)
def test_the_api_server_itself_refuses_what_its_schema_tells(client: Client, place: str) -> None:
    """While no webhook answers, too."""
    refused = client.create(policy("bad", BAD[place]))
    assert (422, True) == (refused.status, place in refused.message)


@pytest.mark.usefixtures("definitions")
@pytest.mark.parametrize("place", BAD_EXCEPTIONS)
def test_an_exception_needs_a_reason_and_a_day(client: Client, namespace: str, place: str) -> None:
    """As in a file."""
    refused = client.create(exception(namespace, **BAD_EXCEPTIONS[place]))
    assert (422, True) == (refused.status, place in refused.message)


@pytest.mark.usefixtures("definitions")
def test_a_field_that_nobody_knows_is_refused_by_kubectl(control_plane: ControlPlane) -> None:
    """It asks the API server to be strict."""
    done = control_plane.kubectl("create", "-f", "-", text=yaml.safe_dump(policy("bad", "spec: {profil: strict}")))
    assert 'unknown field "spec.profil"' in done.stderr


@pytest.mark.usefixtures("definitions")
def test_kubectl_shows_both_at_once(control_plane: ControlPlane, client: Client, namespace: str) -> None:
    """By their category, with what is asked and how hard."""
    client.create(policy("shown", "spec: {mode: warn}")).object()
    client.create(exception(namespace)).object()
    shown = control_plane.kubectl("get", "gracekeeper", "-n", namespace).stdout
    lines = [line.split() for line in shown.splitlines()]
    assert ["NAME", "PROFILE", "MODE", "NAMESPACES", "IN", "FORCE", "AGE"] in lines
    assert ["gracepolicy.gracekeeper.dev/shown", "standard", "warn"] in [line[:3] for line in lines]
    assert ["graceexception.gracekeeper.dev/legacy", '["run-as-root"]', "2027-03-01"] in [line[:3] for line in lines]
    client.delete(policy("shown", "")).object()


@pytest.mark.usefixtures("definitions")
def test_a_status_is_written_apart(client: Client) -> None:
    """Who writes the object does not write the status, and the other way round."""
    written: dict[str, Any] = policy("apart", "status: {observedGeneration: 7, conditions: []}")
    assert "status" not in client.create(written).object()
    status = {"spec": {"mode": "warn"}, "status": {"observedGeneration": 1, "conditions": []}}
    stored = client.patch(written, status, subresource="status").object()
    assert ("enforce", 1) == (stored["spec"]["mode"], stored["status"]["observedGeneration"])
    client.delete(written).object()
