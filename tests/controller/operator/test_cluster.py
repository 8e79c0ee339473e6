"""The cluster in memory: what `check` would read of it, without what no rule asks for."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gracekeeper.operator.cluster import CONFIGURATION_BYTES, NEIGHBOURS, Cluster
from gracekeeper_policies.document import Document

Values = dict[str, Any]

KINDS = {kind.name: kind for kind in NEIGHBOURS}


def put(cluster: Cluster, kind: str, name: str, namespace: str = "shop", **values: object) -> None:
    """Let an object appear, as the API server tells of it."""
    metadata: Values = {"name": name, **({"namespace": namespace} if namespace else {})}
    metadata |= cast("Values", values.pop("metadata", {}))
    cluster.put(KINDS[kind], KINDS[kind].document({"metadata": metadata, **values}))


@pytest.fixture
def cluster() -> Cluster:
    """A namespace with one neighbour of each kind."""
    made = Cluster()
    put(made, "Namespace", "shop", "", metadata={"labels": {"team": "a"}})
    put(made, "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}], "sessionAffinity": "None"})
    put(made, "ConfigMap", "settings", data={"WEB_CONCURRENCY": "2"})
    put(made, "LimitRange", "limits", spec={"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]})
    put(made, "PodDisruptionBudget", "web", spec={"selector": {"matchLabels": {"app": "web"}}, "minAvailable": 1})
    target = {"kind": "Deployment", "name": "web"}
    put(made, "HorizontalPodAutoscaler", "web", spec={"scaleTargetRef": target, "minReplicas": 2})
    put(made, "ScaledObject", "worker", spec={"scaleTargetRef": {"name": "worker"}, "minReplicaCount": 1})
    return made


def test_a_namespace_has_its_neighbours_and_all_of_them(cluster: Cluster) -> None:
    """What is not there is known not to be there."""
    found = cluster.neighbours("shop")
    assert found.complete
    assert [service.identity.name for service in found.services] == ["web"]
    assert [budget.identity.name for budget in found.budgets] == ["web"]
    assert found.namespaces == {"shop": {"team": "a"}}
    assert found.config_maps["shop", "settings"].data == {"WEB_CONCURRENCY": "2"}
    assert set(found.autoscalers) == {("shop", "Deployment", "web"), ("shop", "Deployment", "worker")}
    assert "memory" in found.limit_ranges["shop"].limits


def test_the_labels_of_all_namespaces_are_known(cluster: Cluster) -> None:
    """Also of one without labels; a namespace that only its objects tell of is none yet."""
    put(cluster, "Namespace", "bank", "")
    put(cluster, "Service", "web", "unseen", spec={})
    assert cluster.namespaces() == {"shop": {"team": "a"}, "bank": {}}


def test_another_namespace_has_none_of_them(cluster: Cluster) -> None:
    """Neighbours are those of the same namespace."""
    found = cluster.neighbours("bank")
    assert (found.services, found.namespaces, found.complete) == ((), {}, True)


def test_nothing_is_gathered_anew_while_nothing_changes(cluster: Cluster) -> None:
    """The status of a budget changes with every pod; a verdict does not depend on it."""
    before = cluster.neighbours("shop")
    spec = {"selector": {"matchLabels": {"app": "web"}}, "minAvailable": 1}
    put(cluster, "PodDisruptionBudget", "web", spec=spec, status={"currentHealthy": 2})
    put(cluster, "Service", "web", "bank", spec={})
    assert cluster.neighbours("shop") is before


def test_a_change_is_seen_at_once(cluster: Cluster) -> None:
    """The next review is judged beside what stands there then."""
    cluster.neighbours("shop")
    put(cluster, "ConfigMap", "settings", data={"WEB_CONCURRENCY": "4"})
    assert cluster.neighbours("shop").config_maps["shop", "settings"].data == {"WEB_CONCURRENCY": "4"}


def test_what_was_deleted_is_gone(cluster: Cluster) -> None:
    """Also when the last object of a namespace goes."""
    for kind in NEIGHBOURS:
        for name in ("web", "worker", "settings", "limits"):
            cluster.remove(kind, Document({"metadata": {"name": name, "namespace": "shop"}}))
    cluster.remove(KINDS["Namespace"], Document({"metadata": {"name": "shop"}}))
    found = cluster.neighbours("shop")
    assert (found.services, found.budgets, found.config_maps) == ((), (), {})
    assert (found.autoscalers, found.limit_ranges, found.namespaces) == ({}, {}, {})


def test_what_a_new_list_no_longer_holds_is_gone(cluster: Cluster) -> None:
    """Deletions that no watch told of show in the next list, and only for its own kind."""
    fresh = KINDS["Service"].document({"metadata": {"name": "api", "namespace": "shop"}, "spec": {}})
    cluster.replace(KINDS["Service"], [fresh])
    found = cluster.neighbours("shop")
    assert [service.identity.name for service in found.services] == ["api"]
    assert [budget.identity.name for budget in found.budgets] == ["web"]


def test_a_neighbour_that_cannot_be_read_is_not_absent(cluster: Cluster) -> None:
    """Only where everything was read, what is missing proves anything."""
    put(cluster, "Service", "odd", spec={"ports": "none"})
    assert not cluster.neighbours("shop").complete


def test_only_what_rules_ask_for_is_kept() -> None:
    """Memory is for verdicts: no status, no annotations, nobody's certificates or dashboards."""
    texts = {
        "WEB_CONCURRENCY": "2",
        "gunicorn.conf.py": "workers = 2",
        "uwsgi.ini": "[uwsgi]",
        "ca.crt": "-----BEGIN CERTIFICATE-----",
        "dashboard.json": "x" * (CONFIGURATION_BYTES + 1),
    }
    metadata = {"name": "a", "namespace": "b", "annotations": {"c": "d"}, "managedFields": [{}], "uid": "e"}
    kept = KINDS["ConfigMap"].document({"metadata": metadata, "data": texts, "binaryData": {"f": "Zw=="}})
    assert kept.values == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "b"},
        "data": {"WEB_CONCURRENCY": "2", "gunicorn.conf.py": "workers = 2", "uwsgi.ini": "[uwsgi]"},
    }
