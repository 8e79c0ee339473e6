"""On fake nodes Pods run, end and go, so that what waits for Pods goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.cluster.client import eventually
from tests.cluster.control_plane import Profile, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest

SPEC: Final[Manifest] = {"containers": [{"name": "web", "image": "web:1"}]}


@pytest.fixture(scope="module")
def client(cluster_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:  # noqa: ARG001
    """Asks a control plane of two fake nodes."""
    with running(Profile(nodes=2), tmp_path_factory.mktemp("nodes")) as control_plane:
        yield control_plane.client


def test_deployment_runs_and_goes(client: Client) -> None:
    """Its Pods are ready at once, and do not outlive it."""
    labels = {"app": "web"}
    web = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": SPEC},
        },
    }
    client.create(web).object()
    eventually(lambda: client.get(web).object()["status"].get("readyReplicas") == 3)

    client.delete(web).object()

    eventually(lambda: not client.items("v1", "Pod", "default", labelSelector="app=web"))


def test_job_completes(client: Client) -> None:
    """Its Pod succeeds, whatever it is."""
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": "default"},
        "spec": {"template": {"spec": {**SPEC, "restartPolicy": "Never"}}},
    }
    client.create(job).object()

    eventually(lambda: client.get(job).object()["status"].get("succeeded") == 1)
