"""What a finding is called stays what it is until it is another finding."""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from gracekeeper_policies.fingerprint import fingerprints, named_path
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy, Profile, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MANIFEST: Final[dict[str, Any]] = yaml.safe_load("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 20
      containers:
      - name: web
        image: shop/web
        command: [sh, -c, "gunicorn app:app; true"]
        env: [{name: A, value: a}, {name: API_TOKEN, value: Kanar1en}, {name: B, value: b}]
        ports: [{containerPort: 8000, hostPort: 80}, {containerPort: 8001, hostPort: 81}]
        securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN, NET_ADMIN]}}
      - {name: cache, image: redis}
      volumes: [{name: run, hostPath: {path: /run}}, {name: log, hostPath: {path: /var/log}}]
""")


def found(*documents: Mapping[str, Any], origin: str = "web.yaml") -> dict[str, tuple[str, str | None]]:
    """Each finding by its fingerprint, with its rule and container."""
    read = [Document(values, origin, index) for index, values in enumerate(documents)]
    verdict = judge(
        read,
        policies=[GracePolicy(profile=Profile.STRICT, scope=Scope.ALL)],
        rules=RULES,
        neighbours=neighbours_among(read)[0],
        now=date(2026, 11, 22),
    )
    named = fingerprints(verdict.rulings)
    assert len(named) == len(set(named.values()))
    return {name: (ruling.rule.id, ruling.container_name) for ruling, name in named.items()}


def changed(**pod: object) -> dict[str, Any]:
    """The manifest with other fields of its pod."""
    manifest = copy.deepcopy(MANIFEST)
    manifest["spec"]["template"]["spec"].update(pod)
    return manifest


POD: Final[dict[str, Any]] = MANIFEST["spec"]["template"]["spec"]
BEFORE: Final = found(MANIFEST)


def test_there_is_something_to_name() -> None:
    """The manifest below has findings of every kind of place: fields, items of lists, words of a command."""
    assert {"capability-added", "host-port-used", "host-path-mounted", "secret-in-plain-env"} <= {
        rule for rule, _ in BEFORE.values()
    }


def test_neither_the_file_nor_the_place_in_it_counts() -> None:
    """A manifest that moves to another file, behind another document, keeps its findings."""
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}

    assert found(other, MANIFEST, origin="deploy/all.yaml") == BEFORE


@given(st.data())
def test_order_does_not_count(data: st.DataObject) -> None:
    """Keys, containers, variables, ports and volumes in any order are the same findings."""
    assert found(shuffled(MANIFEST, data)) == BEFORE


def shuffled(values: Any, data: st.DataObject, *, words: bool = False) -> Any:  # noqa: ANN401 - whatever a manifest holds
    """The same manifest with the keys of its mappings, and the items of its lists but commands, in another order."""
    if isinstance(values, dict):
        keys: Sequence[str] = data.draw(st.permutations(list(values)))
        return {key: shuffled(values[key], data, words=key == "command") for key in keys}
    if isinstance(values, list):
        items = [shuffled(item, data) for item in values]
        return items if words else data.draw(st.permutations(items))
    return values


@given(seconds=st.integers(1, 29))
def test_the_words_of_a_finding_do_not_count(seconds: int) -> None:
    """Other numbers in its sentence make no other finding of it."""
    assert found(changed(terminationGracePeriodSeconds=seconds)) == BEFORE


def test_a_container_more_adds_its_own_findings_alone() -> None:
    """A container that is put before the others leaves them their findings."""
    after = found(changed(containers=[{"name": "first", "image": "shop/first"}, *POD["containers"]]))

    assert BEFORE.items() <= after.items()
    assert {container for name, (_, container) in after.items() if name not in BEFORE} == {"first"}


@pytest.mark.parametrize(
    "identity",
    [{"kind": "StatefulSet"}, {"metadata": {"name": "api", "namespace": "shop"}}, {"metadata": {"name": "web"}}],
    ids=str,
)
def test_another_object_has_other_findings(identity: dict[str, Any]) -> None:
    """Its kind, namespace and name are part of each finding."""
    assert not found({**MANIFEST, **identity}).keys() & BEFORE.keys()


def test_another_version_of_a_kind_is_the_same_kind() -> None:
    """An object that moves to a newer version of its group keeps its findings."""
    assert found({**MANIFEST, "apiVersion": "apps/v1beta2"}) == BEFORE


def test_twins_are_counted() -> None:
    """One workload in the overlays of two stages has each finding twice, under two names."""
    twice = found(MANIFEST, MANIFEST)

    assert twice.keys() == BEFORE.keys() | {f"{name}:2" for name in BEFORE}


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("spec", "replicas"), ("spec", "replicas")),
        (("containers", 1, "image"), ("containers", "cache", "image")),
        (("containers", 0, "env", 1, "value"), ("containers", "web", "env", "API_TOKEN", "value")),
        (("containers", 0, "ports", 1, "hostPort"), ("containers", "web", "ports", "8001", "hostPort")),
        (("containers", 0, "command", 2), ("containers", "web", "command", "*")),
        (("containers", 7, "image"), ("containers", "*", "image")),
        (
            ("containers", 0, "securityContext", "capabilities", "add", 1),
            ("containers", "web", "securityContext", "capabilities", "add", "NET_ADMIN"),
        ),
    ],
    ids=str,
)
def test_items_of_lists_go_by_their_names(path: tuple[str | int, ...], named: tuple[str, ...]) -> None:
    """By whatever Kubernetes tells them apart; a word of a command has none."""
    assert named_path(POD, path) == named


def test_a_name_tells_nothing_of_what_it_names() -> None:
    """It goes into other systems: it is digits, and no secret can be read out of it."""
    assert {len(name) for name in BEFORE} == {32}
    assert all(set(name) <= set("0123456789abcdef") for name in BEFORE)
