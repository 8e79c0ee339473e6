"""Nouns of the chart's tests: what the real helm makes of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.charts.rendering import CHART, Objects, RefusedError
from tests.cluster.control_plane import LOOPBACK, Profile, running
from tests.cluster.network import NetworkError
from tests.cluster.programs import MissingProgramError, program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tests.charts.rendering import Render
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork


@pytest.fixture(scope="session")
def control_plane(
    cluster_programs: None,  # noqa: ARG001 - only that they are there
    possible_network: PodNetwork | NetworkError,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ControlPlane]:
    """A control plane of our own: a chart's objects bear names that there can be but once in a cluster."""
    address = LOOPBACK if isinstance(possible_network, NetworkError) else possible_network.host
    with running(Profile(address), tmp_path_factory.mktemp("control-plane")) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Renders the chart as `helm template` does: release gracekeeper in namespace policies."""
    home = str(tmp_path_factory.mktemp("helm"))
    try:
        helm = program("helm")
    except MissingProgramError as error:
        pytest.skip(str(error))

    def render(values: Mapping[str, Any] | None = None) -> Objects:
        ran = subprocess.run(
            [helm, "template", "gracekeeper", CHART, "--namespace=policies", "--values=-"],
            input=yaml.safe_dump(values or {}),
            env={"HOME": home},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if ran.returncode:
            raise RefusedError(ran.stderr)
        return Objects(ran.stdout)

    return render
