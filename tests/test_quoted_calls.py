"""Whatever a document tells to type is typed here: in a repository that has what its words name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cluster.programs import program
from tests.controller.images.archives.making import Layout, image, laid_out, named, tarred

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = sorted(
    path.relative_to(ROOT).as_posix()
    for glob in ("*.md", "docs/*.md", "examples/*/README.md", "charts/*/README.md")
    for path in ROOT.glob(glob)
)
BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SPOKEN: Final = ("", "console", "sh", "bash")
COMMENT: Final = re.compile(r" {2,}# .*")
ELSEWHERE: Final = {
    "kube-score score": "tests/test_peers.py runs it and holds its output",
    "gracekeeper drill": "tests/servers/test_drill.py, where there is an application",
    "helm install": "tests/charts and tests/cluster install the chart",
    "helm test": "tests/charts",
    "kubectl -n": "what it prints is Kubernetes' own",
    "kubectl delete": "tests/charts removes the definitions",
    "kubectl get gracekeeper": "tests/controller/policyfiles/test_crds.py holds the columns",
}
"""Calls of other programs, and who makes them instead."""
STUBS: Final = {
    "flux": "cat deploy/web.yaml",
    "reviewdog": f"{sys.executable} -m json.tool >/dev/null",
    "kubectl": 'case $1 in get) cat deploy/web.yaml;; *) exec {kubectl} "$@";; esac',
}


def calls(document: str) -> Iterator[str]:
    """The calls that a document tells to make: the lines of a block without language, and those behind `$`."""
    for language, block in BLOCK.findall((ROOT / document).read_text(encoding="utf-8")):
        for line in block.splitlines() if language in SPOKEN else ():
            call = COMMENT.sub("", line.removeprefix("$ ")).strip()
            if call and (line.startswith("$ ") or (language != "console" and re.match(r"[a-z]+ [^→]*$", line))):
                yield call


CALLS: Final = {document: list(dict.fromkeys(calls(document))) for document in DOCUMENTS}
RUN: Final = {
    document: here
    for document, all_calls in CALLS.items()
    if (here := [each for each in all_calls if "gracekeeper " in each and not each.startswith(tuple(ELSEWHERE))])
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with manifests, a chart, an overlay, an image and its Dockerfile, and Gracekeeper's examples."""
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "examples", folder / "examples")
    good = (ROOT / "examples/01-gunicorn-web-app/manifest.yaml").read_text(encoding="utf-8")
    layout: Layout = {}
    saved = tarred(laid_out(named(image(layout), "registry.example.com/shop/web:1.4"), layout=layout))
    for name, content in {
        "deploy/web.yaml": good,
        "deploy/kustomization.yaml": "resources: [web.yaml]\n",
        "overlays/production/kustomization.yaml": "resources: [../../deploy]\n",
        "worker.yaml": (ROOT / "examples/03-celery-worker/manifest.yaml").read_text(encoding="utf-8"),
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "chart/templates/web.yaml": good,
        "production.yaml": "replicas: 3\n",
        "web/Dockerfile": "FROM python:3.12-slim\nUSER 10001\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    shutil.copytree(folder / "chart", folder / "charts/shop")
    shutil.copy(folder / "production.yaml", folder / "charts/shop")
    (folder / "web.tar").write_bytes(saved)
    for words in (["init", "--initial-branch=main"], ["add", "--all"], [*_ME, "commit", "--message=Begin"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


_ME: Final = ("-c", "user.name=A", "-c", "user.email=a@example.com")


@pytest.fixture
def path(tmp_path: Path, cluster_programs: None) -> str:  # noqa: ARG001 - helm and kubectl are there
    """Where programs are found: ours, helm, and stand-ins for those that ask a cluster or a service."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in STUBS.items():
        (folder / name).write_text(
            f"#!/bin/sh\n{script.replace('{kubectl}', str(program('kubectl')))}\n", encoding="utf-8"
        )
        (folder / name).chmod(0o755)
    (folder / "helm").symlink_to(program("helm"))
    return os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])


@pytest.mark.parametrize("document", RUN)
def test_quoted_calls_run(document: str, shop: Path, path: str) -> None:
    """Each in its turn: it finds something or nothing, and reads everything."""
    said = {}
    for call in RUN[document]:
        ran = subprocess.run(
            ["bash", "-c", call],
            cwd=shop,
            env={**os.environ, "PATH": path},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        said[call] = (ran.returncode in (0, 1), ran.stderr)

    assert said == dict.fromkeys(RUN[document], (True, ""))


def test_there_are_calls_to_run() -> None:
    """The test above is about the documents that people read first."""
    assert {"README.md", "docs/pipelines.md", "docs/policies.md"} <= RUN.keys()
    assert len(RUN["README.md"]) >= 15


def test_no_call_is_left_out() -> None:
    """What is not run here is a target of `make`, or listed with the reason."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    made = tuple(f"make {target}" for target in targets)
    others = [
        (document, call)
        for document, all_calls in CALLS.items()
        for call in all_calls
        if call not in RUN.get(document, ()) and not call.startswith((*ELSEWHERE, *made))
    ]

    assert others == []
    quoted = [call for all_calls in CALLS.values() for call in all_calls]
    assert [call for call in ELSEWHERE if not any(each.startswith(call) for each in quoted)] == []
