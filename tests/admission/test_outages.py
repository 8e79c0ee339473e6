"""What the operator knows of its cluster stays true through everything that happens to its watches."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper.policyfiles.models import API_VERSION
from tests.admission.conftest import POLICIES
from tests.admission.manifests import ROOT_USER, deployment
from tests.admission.operator import installed
from tests.cluster.client import eventually
from tests.cluster.control_plane import Profile, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.admission.operator import Operator
    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane

AWAY = 60
"""Seconds that the API server is away: far longer than anybody pauses between two tries."""

RESYNCED = 60
"""Seconds within which everything is seen anew, also on a machine that is busy with other things."""

ROOT = "run-as-root"

FORGETFUL = Profile(api_server={"watch-cache-sizes": "services#0"})
"""Watches of Services are etcd's own, which forgets by compaction; all others are the API server's, by its restart."""


@pytest.fixture(scope="module")
def control_plane(cluster_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:  # noqa: ARG001 - only that they are there
    """A control plane of our own, since the others' would take a while to recover from what happens here."""
    with running(FORGETFUL, tmp_path_factory.mktemp("control-plane")) as control_plane:
        yield control_plane


@pytest.fixture(scope="module")
def operator(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """An operator of our own."""
    with installed(control_plane, tmp_path_factory.mktemp("operator"), POLICIES) as operator:
        yield operator


@pytest.fixture
def service(enforced: str, client: Client) -> Manifest:
    """A Service that sends to a port where nobody listens; because of it a good Deployment is denied."""
    spec: dict[str, Any] = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9999}]}
    metadata = {"name": "web", "namespace": enforced}
    made = client.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}).object()
    eventually(lambda: not admits(client, enforced))
    return made


def admits(client: Client, namespace: str) -> bool:
    """Whether a good Deployment is admitted."""
    return client.create(deployment(namespace), dry_run=True).admitted


@pytest.fixture
def exempt(enforced: str, client: Client) -> Manifest:
    """A GraceException that lets a workload run as root."""
    spec = {"rules": [ROOT], "reason": "is being rebuilt", "expires": "2999-12-31", "match": {"names": ["old"]}}
    metadata = {"name": "old", "namespace": enforced}
    manifest = {"apiVersion": API_VERSION, "kind": "GraceException", "metadata": metadata, "spec": spec}
    made = client.create(manifest).object()
    eventually(lambda: ROOT not in told_of(client, enforced))
    return made


def told_of(client: Client, namespace: str) -> str:
    """What is said of a Deployment that runs as root, by the name of the exempt one."""
    return client.create(deployment(namespace, ROOT_USER, name="old"), dry_run=True).message


def wait_for_410(client: Client, path: str, version: str) -> None:
    """Wait until a watch from this version on is refused because nobody remembers it: at once, or as its only event."""

    def code() -> object:
        said = client.request("GET", path, watch="true", resourceVersion=version, timeoutSeconds="5").body
        return said.get("object", said).get("code")

    eventually(lambda: code() == 410)


def test_what_vanished_while_watches_were_gone_is_forgotten(
    service: Manifest, exempt: Manifest, enforced: str, operator: Operator, client: Client, control_plane: ControlPlane
) -> None:
    """Neither etcd nor the API server remembers where the watches broke off (410), and nobody tells of deletions."""
    paths = ["/api/v1/services", f"/apis/{API_VERSION}/graceexceptions"]
    versions = [client.request("GET", path).object()["metadata"]["resourceVersion"] for path in paths]
    operator.signal(signal.SIGSTOP)
    try:
        client.delete(service).object()
        client.delete(exempt).object()
        control_plane.stop_api_server()
        control_plane.compact()
        control_plane.start_api_server()
        for path, version in zip(paths, versions, strict=True):
            wait_for_410(client, path, version)
    finally:
        operator.signal(signal.SIGCONT)

    eventually(lambda: admits(client, enforced), RESYNCED)
    eventually(lambda: ROOT in told_of(client, enforced), RESYNCED)


def test_an_api_server_that_is_away_is_waited_for(
    enforced: str, operator: Operator, client: Client, control_plane: ControlPlane
) -> None:
    """The operator stays ready with what it knows, and follows again once somebody answers."""
    control_plane.stop_api_server()
    time.sleep(AWAY)
    assert operator.ready()
    control_plane.start_api_server()
    eventually(lambda: not client.create(deployment(enforced, ROOT_USER), dry_run=True).admitted, RESYNCED)
    spec: dict[str, Any] = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9999}]}
    metadata = {"name": "web", "namespace": enforced}
    client.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}).object()
    eventually(lambda: not admits(client, enforced), RESYNCED)
