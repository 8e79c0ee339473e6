"""What the README says of others is what they say: the real kube-score, and a real API server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import yaml

if TYPE_CHECKING:
    from tests.cluster.client import Client

ROOT: Final = Path(__file__).parents[1]
MODULE: Final = ROOT / "tests/oracle/kube_score"
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
QUOTED: Final = re.search(r"```console\n\$ (kube-score .*)\n((?:.*\n)*?)```\n", README)
MANIFEST: Final = ROOT / "examples/05-classic-mistakes/manifest.yaml"


@pytest.fixture(scope="module")
def kube_score(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real kube-score, in the version of the module."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no `go` on the PATH; installing Go would let us ask kube-score")
    folder = tmp_path_factory.mktemp("kube-score")
    package = "github.com/zegl/kube-score/cmd/kube-score"
    subprocess.run([go, "build", "-o", folder / "kube-score", package], cwd=MODULE, check=True)
    return folder


@pytest.mark.go
def test_kube_score_says_what_the_readme_quotes(kube_score: Path) -> None:
    """Line by line, in the version that is named."""
    assert QUOTED
    call, quoted = QUOTED.groups()
    path = os.pathsep.join([str(kube_score), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "LC_ALL": "C"}
    ran = subprocess.run(["bash", "-c", call], cwd=ROOT, env=environment, capture_output=True, check=False, text=True)

    assert ran.stdout == quoted
    assert re.findall(r"kube-score ([0-9.]+)", README) == re.findall(
        r"/kube-score v(\S+)", (MODULE / "go.mod").read_text("utf-8")
    )


def test_the_api_server_accepts_the_manifest_of_the_readme(client: Client, namespace: str) -> None:
    """Nothing of its schema and nothing of its defaults is in the way, and it warns of nothing."""
    answers = [
        client.create({**each, "metadata": {**each["metadata"], "namespace": namespace}}, dry_run=True)
        for each in yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8"))
    ]

    assert [(answer.status, answer.warnings) for answer in answers] == [(201, ())] * 2
