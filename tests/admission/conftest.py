"""The operator on a real control plane; what holds in a namespace, its label `tests/mode` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.admission.operator import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.admission.operator import Operator
    from tests.cluster.client import Client
    from tests.cluster.control_plane import ControlPlane

LABEL = "tests/mode"

POLICIES = "---".join(
    f"""
apiVersion: gracekeeper.dev/v1alpha1
kind: GracePolicy
metadata: {{name: "{name}"}}
spec:
  {spec}
  match: {{namespaceSelector: {{matchLabels: {{{LABEL}: "{name}"}}}}}}
"""
    for name, spec in {
        "enforce": "mode: enforce",
        "warn": "mode: warn",
        "audit": "mode: audit",
        "off": 'mode: "off"',
        "unforgiving": "updates: enforce",
        "own-choice": "allowNamespaceMode: true",
    }.items()
)


@pytest.fixture(scope="session")
def operator(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The operator, judging."""
    with installed(control_plane, tmp_path_factory.mktemp("operator"), POLICIES) as running:
        yield running


@pytest.fixture
def governed(operator: Operator, client: Client, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Makes a namespace in which a policy holds; returns its name."""
    assert operator.ready()

    def make(mode: str, **labels: str) -> str:
        name = f"{mode}-{abs(hash(request.node.nodeid)) % 10**8}"
        return client.namespace(name, {LABEL: mode, **labels})

    return make


@pytest.fixture
def enforced(governed: Callable[[str], str]) -> str:
    """The name of a namespace in which errors deny."""
    return governed("enforce")
