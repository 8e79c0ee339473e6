"""What other programs run: the hook by the real pre-commit, and the action's steps as a runner runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cluster.programs import program

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
BAD = (ROOT / "examples" / "05-classic-mistakes" / "manifest.yaml").read_text("utf-8")
GOOD = (ROOT / "examples" / "01-gunicorn-web-app" / "manifest.yaml").read_text("utf-8")

Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of somebody's with one broken manifest."""
    folder = tmp_path / "shop"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy" / "web.yaml").write_text(BAD, "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: shop\n", "utf-8")
    call(folder, "git", "init", "--quiet", "--initial-branch=main")
    call(folder, "git", "add", "--all")
    return folder


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, dict[str, str]], Ran]:
    """Runs the steps of action.yml in a folder as GitHub's runner does, with the defaults of its inputs."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    temporary = tmp_path_factory.mktemp("runner")
    install, judge = content["runs"]["steps"]
    environment = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(temporary), "GITHUB_ACTION_PATH": str(ROOT)}
    environment |= {
        name: os.environ[name] for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "HOME") if name in os.environ
    }

    def step(script: str, folder: Path, variables: dict[str, str]) -> Ran:
        file = temporary / "step.sh"
        file.write_text(script, "utf-8")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)]
        return subprocess.run(
            command, cwd=folder, env=environment | variables, capture_output=True, text=True, check=False, timeout=600
        )

    installed = step(install["run"], temporary, {})
    assert installed.returncode == 0, installed.stderr

    def run(folder: Path, inputs: dict[str, str]) -> Ran:
        values = {name: declared["default"] for name, declared in content["inputs"].items()} | inputs
        variables = {name: values[f"{value}".split("inputs.")[1].split()[0]] for name, value in judge["env"].items()}
        pipeline = {"GITHUB_WORKSPACE": str(folder), "GITHUB_STEP_SUMMARY": str(temporary / "summary.md")}
        return step(judge["run"], folder, variables | pipeline)

    return run


def call(folder: Path, *command: str) -> Ran:
    """Call a program in a folder."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def pre_commit(repository: Path) -> Ran:
    """Run the hook of this checkout on all files."""
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "gracekeeper", "--all-files", "--verbose"]
    environment = os.environ | {"PRE_COMMIT_HOME": str(repository.parent / "pre-commit")}
    return subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def test_hook_refuses_a_broken_manifest_and_passes_a_good_one(repository: Path) -> None:
    """The real pre-commit installs the program and runs it once for all manifests."""
    refused = pre_commit(repository)
    (repository / "deploy" / "web.yaml").write_text(GOOD, "utf-8")
    passed = pre_commit(repository)

    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "error  stop-signal-not-delivered" in refused.stdout
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_action_annotates_what_is_wrong(repository: Path, action: Callable[[Path, dict[str, str]], Ran]) -> None:
    """Findings become annotations, SARIF is written beside them, and the step fails."""
    ran = action(repository, {"sarif": "out.sarif"})

    assert ran.returncode == 1, ran.stderr
    assert "::error file=deploy/web.yaml,line=" in ran.stdout
    assert '"version": "2.1.0"' in (repository / "out.sarif").read_text("utf-8")


def test_action_hands_inputs_on_as_words(repository: Path, action: Callable[[Path, dict[str, str]], Ran]) -> None:
    """No input is read by a shell: neither a path with a blank nor one that looks like a command."""
    (repository / "my $(touch oops) manifests").mkdir()
    (repository / "my $(touch oops) manifests" / "web.yaml").write_text(GOOD, "utf-8")

    ran = action(repository, {"paths": "\nmy $(touch oops) manifests\n", "options": "--profile\nbaseline\n"})

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not (repository / "oops").exists()


def test_plugin_of_argo_cd_hands_on_only_what_is_good(
    repository: Path,
    cluster_programs: None,  # noqa: ARG001 - kubectl is there
) -> None:
    """The recipe's command prints manifests, and fails with the findings where there are errors."""
    recipes = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "pipelines.md").read_text("utf-8"), re.DOTALL)
    [plugin] = [content for text in recipes if "ConfigManagementPlugin" in str(content := yaml.safe_load(text))]
    folders = str(Path(sys.executable).parent), str(program("kubectl").parent), os.environ["PATH"]
    (repository / "deploy" / "kustomization.yaml").write_text("resources: [web.yaml]\n", "utf-8")

    def generate() -> Ran:
        return subprocess.run(
            plugin["spec"]["generate"]["command"],
            cwd=repository / "deploy",
            env=os.environ | {"PATH": os.pathsep.join(folders)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    refused = generate()
    (repository / "deploy" / "web.yaml").write_text(GOOD, "utf-8")
    passed = generate()

    assert (1, "") == (refused.returncode, refused.stdout)
    assert "error  stop-signal-not-delivered" in refused.stderr
    assert passed.returncode == 0, passed.stderr
    assert "kind: Deployment" in passed.stdout


def test_no_input_stands_in_a_script() -> None:
    """An input inside of a script would be read by the shell."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

    assert [] == [step["name"] for step in content["runs"]["steps"] if "${{" in step["run"]]
