"""A drill's plan, made of a pod's specification on a machine that holds the programs it names."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest
import yaml

from gracekeeper.drill.plan import Asked, Plan, plan_of
from gracekeeper_policies.document import Document
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.process.image import UNREAD
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.timeline import timelines_of
from gracekeeper_policies.workload import Workload, read_workload

if TYPE_CHECKING:
    from pathlib import Path

    from gracekeeper_policies.process.image import ImageConfig
    from gracekeeper_policies.provenance import Unknown

Planned: TypeAlias = Callable[..., Plan]
PROGRAMS = ("celery", "gunicorn", "nginx", "python", "sh", "uvicorn")
CONFIGURATION = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"MODE": "fast"}}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH, with the programs that manifests name; none of them does anything."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        program = folder / name
        program.touch()
        program.chmod(0o755)
    return folder


@pytest.fixture
def planned(programs: Path) -> Planned:
    """Plans a drill of a pod's first container; a ConfigMap `web` with MODE=fast stands beside it."""

    def plan(
        spec: str,
        occasion: str = "pod",
        asked: Asked = Asked(),  # noqa: B008 - it is frozen
        image: ImageConfig | Unknown = UNREAD,
        **ours: str,
    ) -> Plan:
        content = yaml.safe_load(textwrap.dedent(spec))
        manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": content}
        neighbours, _ = neighbours_among([Document(CONFIGURATION)])
        workload = read_workload(Document(manifest), neighbours)
        assert isinstance(workload, Workload), workload
        timeline = timelines_of(PodProcesses(workload, lambda _: image))[0]
        return plan_of(timeline, occasion, asked, {"PATH": str(programs), "HOME": "/home/me", **ours})

    return plan
