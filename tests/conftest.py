"""Nouns that many tests share: the corpus, and manifests read as a user's would be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

ROOT = Path(__file__).parents[1]

pytest_plugins = ["tests.cluster.fixtures"]


@dataclass(frozen=True)
class Oracle:
    """Kubernetes' own code, behind a program that takes a JSON list of questions and prints one of answers."""

    folder: Path
    program: Path

    def __call__(self, questions: Sequence[object]) -> list[dict[str, Any]]:
        """Answer each question, in their order."""
        asked = json.dumps(questions).encode()
        done = subprocess.run([self.program], input=asked, capture_output=True, check=True)
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    def module(self, name: str) -> Path:
        """The folder of a Go module that the program is made of."""
        command = ["go", "list", "-m", "-f", "{{.Dir}}", name]
        return Path(subprocess.run(command, cwd=self.folder, capture_output=True, check=True, text=True).stdout.strip())


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Oracle]:
    """Builds a program of `tests/oracle` by its name."""

    def build(name: str) -> Oracle:
        go = shutil.which("go")
        if go is None:
            pytest.skip("no `go` on the PATH; installing Go would let us ask Kubernetes' own code")
        folder, program = ROOT / "tests" / "oracle" / name, tmp_path_factory.mktemp("oracle") / name
        subprocess.run([go, "build", "-o", program, "."], cwd=folder, check=True)
        return Oracle(folder, program)

    return build


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real manifests."""
    folder = Path(os.environ.get("GRACEKEEPER_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip("there are no real manifests here; GRACEKEEPER_CORPUS names a folder of them")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reads the corpus or asks a real cluster, so that it can be chosen or left out."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "corpus" in fixtures:
            item.add_marker(pytest.mark.corpus)
        if "cluster_programs" in fixtures:
            item.add_marker(pytest.mark.cluster)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI runs, a skip is a failure."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report
