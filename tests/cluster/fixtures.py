"""Nouns that tests on a real Kubernetes share, wherever they stand: control plane, client, namespace, pod network."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.cluster.control_plane import LOOPBACK, Profile, running
from tests.cluster.network import NetworkError, temporary_network
from tests.cluster.programs import MissingProgramError, program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork

NUMBERS = count(1)


@pytest.fixture(scope="session")
def cluster_programs() -> None:
    """The programs that `make controlplane` builds are there."""
    try:
        for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"):
            program(name)
    except MissingProgramError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def possible_network() -> Iterator[PodNetwork | NetworkError]:
    """A network of pods, or why there can be none here."""
    with ExitStack() as stack:
        try:
            network: PodNetwork | NetworkError = stack.enter_context(temporary_network())
        except NetworkError as error:
            network = error
        yield network


@pytest.fixture(scope="session")
def control_plane(
    cluster_programs: None,  # noqa: ARG001 - only that they are there
    possible_network: PodNetwork | NetworkError,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ControlPlane]:
    """A control plane without nodes, for all tests of a session; pods reach it where there is a network."""
    address = LOOPBACK if isinstance(possible_network, NetworkError) else possible_network.host
    with running(Profile(address, audit=True), tmp_path_factory.mktemp("control-plane")) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def pod_network(possible_network: PodNetwork | NetworkError, control_plane: ControlPlane) -> PodNetwork:  # noqa: ARG001
    """A network of pods that the control plane reaches, and they it."""
    if isinstance(possible_network, NetworkError):
        pytest.skip(f"there is no network of pods here: {possible_network}")
    return possible_network


@pytest.fixture
def client(control_plane: ControlPlane) -> Client:
    """Asks the control plane, as an administrator."""
    return control_plane.client


@pytest.fixture
def namespace(client: Client) -> str:
    """The name of an empty namespace, the test's own, in which Pods can be created."""
    return client.namespace(f"test-{next(NUMBERS)}")
