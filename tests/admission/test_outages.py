"""What the operator knows of its cluster stays true through everything that happens to its watches."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

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

AWAY = 20
"""Seconds that the API server is away: far longer than anybody pauses between two tries."""


@pytest.fixture(scope="module")
def control_plane(cluster_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:  # noqa: ARG001 - only that they are there
    """A control plane of our own, since the others' would take a while to recover from what happens here."""
    with running(Profile(), tmp_path_factory.mktemp("control-plane")) as control_plane:
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


def test_what_vanished_while_a_watch_was_gone_is_forgotten(
    service: Manifest, enforced: str, operator: Operator, client: Client, control_plane: ControlPlane
) -> None:
    """The API server no longer remembers where the watch broke off (410), and tells of no deletion."""
    operator.signal(signal.SIGSTOP)
    try:
        client.delete(service).object()
        control_plane.stop_api_server()
        control_plane.start_api_server()
    finally:
        operator.signal(signal.SIGCONT)
    eventually(lambda: admits(client, enforced), 40)


def test_an_api_server_that_is_away_is_waited_for(
    enforced: str, operator: Operator, client: Client, control_plane: ControlPlane
) -> None:
    """The operator stays ready with what it knows, and follows again once somebody answers."""
    control_plane.stop_api_server()
    time.sleep(AWAY)
    assert operator.ready()
    control_plane.start_api_server()
    eventually(lambda: not client.create(deployment(enforced, ROOT_USER), dry_run=True).admitted)
    spec: dict[str, Any] = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9999}]}
    metadata = {"name": "web", "namespace": enforced}
    client.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}).object()
    eventually(lambda: not admits(client, enforced), 40)
