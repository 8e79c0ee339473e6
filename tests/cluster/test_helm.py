"""Charts are rendered and installed by the real helm, of the version in go.mod."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import yaml

if TYPE_CHECKING:
    from tests.cluster.client import Manifest
    from tests.cluster.control_plane import ControlPlane

MODULE: Final = Path(__file__).parents[1] / "controlplane" / "go.mod"
TEMPLATE: Final = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  kubernetes: {{ .Capabilities.KubeVersion.Version | quote }}
"""


def config_maps(control_plane: ControlPlane, namespace: str) -> list[Manifest]:
    """The chart's ConfigMap, if it is there."""
    return control_plane.client.items("v1", "ConfigMap", namespace, fieldSelector="metadata.name=tiny")


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart of one ConfigMap."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "config-map.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: tiny\nversion: 0.1.0\n", encoding="utf-8")
    return tmp_path


def test_helm_is_of_the_version_in_go_mod(control_plane: ControlPlane) -> None:
    """So what holds here holds for everybody."""
    (version,) = re.findall(r"helm\.sh/helm/v4 (v\S+)", MODULE.read_text("utf-8"))

    assert control_plane.helm("version", "--template", "{{.Version}}").stdout == version


def test_chart_is_rendered(control_plane: ControlPlane, chart: Path) -> None:
    """Without a cluster, a chart sees the version of Kubernetes that helm was built for."""
    rendered = yaml.safe_load(control_plane.helm("template", "tiny", chart).stdout)

    assert rendered["metadata"]["name"] == "tiny"
    assert rendered["data"]["kubernetes"].startswith("v1.36.")


def test_chart_is_installed_and_uninstalled(control_plane: ControlPlane, namespace: str, chart: Path) -> None:
    """On the cluster, a chart sees the API server's version, and leaves nothing when it goes."""
    kubernetes = control_plane.client.request("GET", "/version").object()["gitVersion"]

    installed = control_plane.helm("install", "tiny", chart, "--namespace", namespace, "--wait")
    made = config_maps(control_plane, namespace)
    uninstalled = control_plane.helm("uninstall", "tiny", "--namespace", namespace, "--wait")

    assert (0, 0) == (installed.returncode, uninstalled.returncode), installed.stderr + uninstalled.stderr
    assert [config_map["data"] for config_map in made] == [{"kubernetes": kubernetes}]
    assert config_maps(control_plane, namespace) == []
