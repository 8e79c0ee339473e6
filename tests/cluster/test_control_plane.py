"""The control plane of the tests is Kubernetes: it starts, controls, keeps what it knows, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster.client import eventually
from tests.cluster.control_plane import ControlPlane, Profile, running
from tests.cluster.daemon import DaemonError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.client import Client, Manifest

pytestmark = pytest.mark.usefixtures("cluster_programs")


def deployment(namespace: str, replicas: int = 1) -> Manifest:
    """A Deployment named `web`."""
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": template, "replicas": replicas},
    }


def config_map(name: str) -> Manifest:
    """An empty ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}


def pods_of(client: Client, namespace: str, number: int) -> list[Manifest]:
    """The Pods of a namespace, once they are that many."""
    return eventually(lambda: found if len(found := client.items("v1", "Pod", namespace)) == number else [])


def test_api_server_is_kubernetes_1_36(client: Client) -> None:
    """What the API server says of its version is what charts and clients go by."""
    version = client.request("GET", "/version").object()

    assert (version["major"], version["minor"]) == ("1", "36")
    assert version["gitVersion"].startswith("v1.36.")


def test_deployment_becomes_pods(client: Client, namespace: str) -> None:
    """The controllers run, and the Pods have the token's volume that admission gives them."""
    client.create(deployment(namespace, replicas=2)).object()

    pods = pods_of(client, namespace, 2)

    assert ["ReplicaSet", "ReplicaSet"] == [pod["metadata"]["ownerReferences"][0]["kind"] for pod in pods]
    assert all(pod["spec"]["volumes"][0]["name"].startswith("kube-api-access-") for pod in pods)


def test_each_controller_acts_as_itself(client: Client, control_plane: ControlPlane, namespace: str) -> None:
    """A webhook sees the name of the controller that sends an object, as in every real cluster."""
    client.create(deployment(namespace)).object()
    pods_of(client, namespace, 1)

    makers = {
        event["objectRef"]["resource"]: event["user"]["username"]
        for event in control_plane.audit_events()
        if event["verb"] == "create" and event["objectRef"].get("namespace") == namespace
    }

    assert makers["deployments"] == "admin"
    assert makers["replicasets"] == "system:serviceaccount:kube-system:deployment-controller"
    assert makers["pods"] == "system:serviceaccount:kube-system:replicaset-controller"


def test_dry_run_on_the_server_writes_nothing(client: Client, namespace: str) -> None:
    """It answers with the object as it would be, defaults and all."""
    asked = deployment(namespace)

    answer = client.create(asked, dry_run=True)

    assert answer.object()["spec"]["strategy"]["type"] == "RollingUpdate"
    assert client.get(asked).status == 404


def test_restarted_api_server_knows_what_it_knew(tmp_path: Path) -> None:
    """It comes back at the same address with the same objects; in between nobody answers."""
    with running(Profile(controllers=False), tmp_path) as control_plane:
        client = control_plane.client
        client.create(config_map("kept")).object()

        control_plane.stop_api_server()
        ready_without = client.ready()
        control_plane.start_api_server()

        assert not ready_without
        assert client.get(config_map("kept")).admitted


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    """All three programs end at a signal, none of them by force."""
    with running(None, tmp_path) as control_plane:
        daemons = dict(control_plane.daemons)

        assert list(daemons) == ["etcd", "kube-apiserver", "kube-controller-manager"]
        assert all(daemon.running for daemon in daemons.values())

    assert not any(daemon.running for daemon in daemons.values())
    assert all(daemon.process.returncode != -9 for daemon in daemons.values())


def test_failed_start_shows_the_log_and_leaves_no_process(tmp_path: Path) -> None:
    """Who reads the error knows what was wrong without looking for files."""
    control_plane = ControlPlane(tmp_path, Profile(api_server={"no-such-flag": "true"}))

    with pytest.raises(DaemonError, match=r"(?s)kube-apiserver ended with status 1.*unknown flag: --no-such-flag"):
        control_plane.start()

    assert not any(daemon.running for daemon in control_plane.daemons.values())
