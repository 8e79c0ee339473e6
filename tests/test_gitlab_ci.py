"""The template for GitLab CI: its script runs as GitLab's runner runs it, in each shell that an image may have."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[1]
TEMPLATE: Final = ROOT / "integrations/gitlab/gracekeeper.yml"
JOB: Final[dict[str, Any]] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["gracekeeper"]
BAD: Final = (ROOT / "examples/05-classic-mistakes/manifest.yaml").read_text(encoding="utf-8")
GOOD: Final = (ROOT / "examples/01-gunicorn-web-app/manifest.yaml").read_text(encoding="utf-8")
# gitlab-runner, shells/bash.go: what stands before the script, which bash and sh alike read from standard input.
PREAMBLE: Final = {
    "bash": "set -o pipefail\nset -o errexit\nset +o noclobber\n",
    "dash": "set -o errexit\nset +o noclobber\n",
}

Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the runner has checked out: a repository with one broken manifest."""
    folder = tmp_path / "builds/shop"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy/web.yaml").write_text(BAD, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture(params=PREAMBLE)
def run_job(request: pytest.FixtureRequest, checkout: Path) -> Callable[[dict[str, str]], Ran]:
    """Runs the job's script in the checkout, with its variables and those that a pipeline sets above them."""
    shell = shutil.which(request.param)
    if shell is None:
        pytest.skip(f"there is no {request.param}; its package of that name provides it")

    def run(above: dict[str, str]) -> Ran:
        script = PREAMBLE[request.param] + f"cd {checkout}\n" + "\n".join(JOB["script"]) + "\n"
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        pipeline = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(checkout), "PATH": path}
        variables = {name: str(value) for name, value in (JOB["variables"] | above).items()}
        return subprocess.run(
            [shell],
            input=script,
            env=pipeline | variables,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


def test_findings_are_where_gitlab_looks_for_them(run_job: Callable[[dict[str, str]], Ran], checkout: Path) -> None:
    """The job fails, both reports are there, and Code Quality names files from the root of the checkout."""
    ran = run_job({"GRACEKEEPER_PATHS": "deploy/"})
    quality, tests = (checkout / JOB["artifacts"]["reports"][kind] for kind in ("codequality", "junit"))
    entries = json.loads(quality.read_text(encoding="utf-8"))

    assert (ran.returncode, ran.stderr) == (1, "")
    assert "error  grace-period-too-short" in ran.stdout
    assert {"deploy/web.yaml"} == {entry["location"]["path"] for entry in entries}
    assert {"description", "check_name", "fingerprint", "severity", "location"} <= entries[0].keys()
    assert "<testsuite" in tests.read_text(encoding="utf-8")


def test_a_good_manifest_passes(run_job: Callable[[dict[str, str]], Ran], checkout: Path) -> None:
    """Without variables of the pipeline everything below the root is judged, and an empty report ends old findings."""
    (checkout / "deploy/web.yaml").write_text(GOOD, encoding="utf-8")
    ran = run_job({})

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads((checkout / "gl-code-quality-report.json").read_text(encoding="utf-8")) == []


def test_variables_are_handed_on_as_words(run_job: Callable[[dict[str, str]], Ran], checkout: Path) -> None:
    """No variable is read by a shell: neither a path with a blank nor one that looks like a command."""
    folder = checkout / "my $(touch oops) `touch oops` manifests"
    folder.mkdir()
    (folder / "web.yaml").write_text(GOOD, encoding="utf-8")
    ran = run_job({"GRACEKEEPER_PATHS": f"{folder.name}\n", "GRACEKEEPER_OPTIONS": "--profile\nbaseline\n"})

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "of profile baseline" in ran.stdout
    assert not (checkout / "oops").exists()


def test_a_path_is_no_option(run_job: Callable[[dict[str, str]], Ran]) -> None:
    """What a pipeline names as a path can't turn the check off."""
    ran = run_job({"GRACEKEEPER_PATHS": "--fail-on=never\ndeploy/"})

    assert ran.returncode == 2
    assert "--fail-on=never" in ran.stderr


@pytest.mark.parametrize(
    ("schema", "file"), [("vendor.gitlab-ci", TEMPLATE), ("vendor.github-actions", ROOT / "action.yml")]
)
def test_a_file_has_its_systems_form(schema: str, file: Path) -> None:
    """GitLab's and GitHub's own schemas accept what is handed to them."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_page_sets_variables_that_the_template_has() -> None:
    """What `docs/pipelines.md` tells to set is read."""
    page = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")
    [include] = [text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if text.startswith("include:")]

    assert yaml.safe_load(include)["variables"].keys() <= JOB["variables"].keys()
