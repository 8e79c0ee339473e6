"""Every object that the chart makes, as a real API server sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.charts.rendering import TOPICS, values_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.charts.rendering import Render
    from tests.cluster.client import Manifest
    from tests.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

FOREIGN: Final = {
    "cert-manager.io/v1": ["Certificate", "Issuer"],
    "monitoring.coreos.com/v1": ["PrometheusRule", "ServiceMonitor"],
}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
@pytest.mark.usefixtures("_foreign_kinds")
def test_the_api_server_accepts_every_object(control_plane: ControlPlane, rendered: Render, topic: Path) -> None:
    """Field names, types and values are Kubernetes' own, CEL included."""
    control_plane.kubectl("create", "namespace", "policies")
    done = control_plane.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-",
        text=rendered(values_of(topic)).text,
    )  # fmt: skip

    assert "" == done.stderr


@pytest.fixture(scope="module")
def _foreign_kinds(control_plane: ControlPlane) -> None:
    """Kinds of cert-manager and Prometheus' operator, without their insides."""
    made = [crd(version, kind) for version, kinds in FOREIGN.items() for kind in kinds]
    done = control_plane.kubectl("apply", "-f", "-", text=yaml.safe_dump_all(made))
    assert done.returncode == 0, done.stderr
    control_plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")


def crd(version: str, kind: str) -> Manifest:
    """A CustomResourceDefinition that takes anything."""
    group, _, name = version.partition("/")
    plural = f"{kind.lower()}s"
    schema: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [{"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
