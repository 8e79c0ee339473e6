"""The Job that Argo CD runs before it synchronises: built by Kustomize, and run on what its ConfigMap holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.cluster.programs import program

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cluster.client import Client

ROOT: Final = Path(__file__).parents[1]
PROGRAM: Final = Path(sys.executable).with_name("gracekeeper")
BAD: Final = (ROOT / "examples/05-classic-mistakes/manifest.yaml").read_text(encoding="utf-8")
GOOD: Final = (ROOT / "examples/01-gunicorn-web-app/manifest.yaml").read_text(encoding="utf-8")
PAGE: Final = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")
RECIPE: Final = {
    content["kind"]: text
    for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    if isinstance(content := yaml.safe_load(text), dict) and content.get("kind") in ("Kustomization", "Job")
}
HOOK: Final = "argocd.argoproj.io/hook"

Built = dict[str, dict[str, Any]]


@pytest.fixture
def build(tmp_path: Path, cluster_programs: None) -> Callable[[str], Built]:  # noqa: ARG001 - kubectl is there
    """Builds the recipe with a manifest, as Argo CD does: its objects by their kinds."""

    def built(manifest: str) -> Built:
        for name, content in {
            "kustomization.yaml": RECIPE["Kustomization"],
            "gracekeeper.yaml": RECIPE["Job"],
            "web.yaml": manifest,
        }.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        command = [str(program("kubectl")), "kustomize", str(tmp_path)]
        text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
        return {each["kind"]: each for each in yaml.safe_load_all(text)}

    return built


def run_job(built: Built, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the Job's command with its volume mounted, as a kubelet lays a ConfigMap out: each file a link."""
    pod = built["Job"]["spec"]["template"]["spec"]
    [container], [volume] = pod["containers"], pod["volumes"]
    assert volume["configMap"]["name"] == built["ConfigMap"]["metadata"]["name"]
    versions = folder / "manifests" / "..2026_11_23"
    versions.mkdir(parents=True)
    (folder / "manifests/..data").symlink_to(versions.name)
    for name, content in built["ConfigMap"]["data"].items():
        (versions / name).write_text(content, encoding="utf-8")
        (folder / "manifests" / name).symlink_to(f"..data/{name}")
    [mount] = container["volumeMounts"]
    words = [str(folder / "manifests") if word == mount["mountPath"] else word for word in container["command"]]
    path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
    return subprocess.run(
        words, cwd="/", env={"PATH": path}, capture_output=True, encoding="utf-8", check=False, timeout=60
    )


def test_a_broken_manifest_stops_the_synchronisation(build: Callable[[str], Built], tmp_path: Path) -> None:
    """The Job fails, and its log says why; each workload is told once, though its file has three names."""
    ran = run_job(build(BAD), tmp_path)

    assert (ran.returncode, ran.stderr) == (1, "")
    assert "error  grace-period-too-short" in ran.stdout
    assert "2 workloads in 2 documents" in ran.stdout


def test_a_good_manifest_is_let_through(build: Callable[[str], Built], tmp_path: Path) -> None:
    """The Job ends with 0."""
    ran = run_job(build(GOOD), tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_manifests_are_there_before_the_job(build: Callable[[str], Built]) -> None:
    """Both belong to the hook, and the ConfigMap to an earlier wave."""
    built = build(GOOD)
    job, manifests = (built[kind]["metadata"]["annotations"] for kind in ("Job", "ConfigMap"))

    assert job[HOOK] == manifests[HOOK] == "PreSync"
    assert int(manifests["argocd.argoproj.io/sync-wave"]) < int(job.get("argocd.argoproj.io/sync-wave", "0"))


def test_nothing_is_wrong_with_the_job() -> None:
    """Not even under the strict profile."""
    command = [str(PROGRAM), "check", "--profile", "strict", "--fail-on", "note", "-"]
    ran = subprocess.run(
        command, input=RECIPE["Job"], cwd="/", capture_output=True, encoding="utf-8", check=False, timeout=60
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "no findings" in ran.stdout


def test_a_restricted_namespace_takes_the_job(client: Client) -> None:
    """A real API server accepts it, and Pod Security has nothing to warn of."""
    level = "pod-security.kubernetes.io"
    namespace = client.namespace("argo-presync", {f"{level}/enforce": "restricted", f"{level}/warn": "restricted"})
    job = yaml.safe_load(RECIPE["Job"])
    answer = client.create({**job, "metadata": {**job["metadata"], "namespace": namespace}}, dry_run=True)

    assert (answer.status, answer.warnings) == (201, ())
