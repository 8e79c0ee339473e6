"""The documents tell the truth: their links lead somewhere, and what they quote is what the program says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

ROOT: Final = Path(__file__).parent.parent
PROGRAM: Final = Path(sys.executable).with_name("gracekeeper")
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS: Final = sorted(
    path.relative_to(ROOT).as_posix()
    for glob in ("*.md", "docs/**/*.md", "examples/*/README.md")
    for path in ROOT.glob(glob)
)
LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
CALL: Final = re.compile(r"gracekeeper (?:check|explain|rules)(?: (?:--?[a-z]+|[\w./-]+))*")


def calls(text: str, about: str) -> list[str]:
    """The calls of the program in a text that name something; each once."""
    return sorted({call for call in CALL.findall(text) if about in call})


QUOTED: Final = sorted(
    {
        call
        for document in DOCUMENTS
        if not document.startswith("docs/rules/")
        for call in calls((ROOT / document).read_text(encoding="utf-8"), "examples/")
    }
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_to_files_lead_somewhere(document: str) -> None:
    """No document points to a file that is not there."""
    path = ROOT / document
    links = LINK.findall(path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


ANCHOR: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """The anchors that a document's headings get, as GitHub and the site make them."""
    headings = HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_to_headings_lead_somewhere(document: str) -> None:
    """No document points to a heading that is not there."""
    path = ROOT / document
    links = ANCHOR.findall(path.read_text(encoding="utf-8"))

    assert [link for link in links if link[1] not in anchors(path.parent / link[0] if link[0] else path)] == []


@pytest.mark.parametrize("call", QUOTED)
def test_quoted_calls_on_examples_run(call: str) -> None:
    """What a document tells to type works as it stands: it finds something or nothing, and reads everything."""
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(call.split(), cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60)

    assert (result.returncode in (0, 1), result.stderr) == (True, b"")


def test_the_documents_quote_calls_on_examples() -> None:
    """The test above is about something."""
    assert "gracekeeper check examples/05-classic-mistakes" in QUOTED


POLICIES: Final = (ROOT / "docs/policies.md").read_text(encoding="utf-8")


def test_the_policies_that_are_shown_can_be_read(tmp_path: Path) -> None:
    """All documents of the page together, as one policy file."""
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", POLICIES, re.DOTALL) if "kind: Grace" in block]
    (tmp_path / "policy.yaml").write_text("---\n".join(blocks), encoding="utf-8")
    for folder in ("web", "jobs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "web/Dockerfile").write_text("FROM python:3.12-slim AS production\n", encoding="utf-8")
    result = subprocess.run(
        [PROGRAM, "check", "--policy", tmp_path / "policy.yaml", "examples/03-celery-worker"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert "Judged by policy shop of" in result.stdout
    assert len(blocks) == 3


def test_the_readme_shows_a_part_of_the_manifest_that_it_judges() -> None:
    """The broken manifest of the first screen is the one whose report stands below it."""
    snippet = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0]
    manifest = (ROOT / "examples/05-classic-mistakes/manifest.yaml").read_text(encoding="utf-8").splitlines()

    assert [line for line in snippet.splitlines() if line not in manifest] == []


def test_the_readme_holds_real_outputs() -> None:
    """`make generate` writes them, between marks that it knows."""
    marks = re.findall(r"<!-- output: .+ -->\n```console\n\$ gracekeeper |<!-- end of output -->", README)

    assert len(marks) == README.count("<!-- output: ") + README.count("<!-- end of output -->") == 4
    assert "✖ SIGKILL at 30" in README


def test_the_readme_names_the_versions_that_were_measured() -> None:
    """The table of facts names the versions that the servers' tables name."""
    from gracekeeper_policies.process.servers import celery, gunicorn, uvicorn  # noqa: PLC0415 - one test's facts

    assert f"gunicorn {gunicorn.SERVER.version}, uvicorn {uvicorn.SERVER.version}" in README
    assert f"Celery {celery.SERVER.version}" in README


def test_the_readme_claims_no_package_index() -> None:
    """The program is installed from its source, until it can be had elsewhere."""
    assert "pip install gracekeeper" not in README


PIPELINES: Final = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")
CHECKS: Final = list(dict.fromkeys(re.findall(r"gracekeeper check deploy/[^|'\n]*", PIPELINES)))


def test_what_pipelines_are_told_to_run_runs(tmp_path: Path) -> None:
    """Each call of the page, in its order, in a repository that has a folder `deploy`."""
    shutil.copytree(ROOT / "examples/05-classic-mistakes", tmp_path / "deploy")
    (tmp_path / "results").mkdir()
    statuses = {}
    for call in CHECKS:
        words = call.split()
        result = subprocess.run(
            [PROGRAM, *words[1:]], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=60
        )
        assert result.stderr == "", call
        statuses[call] = result.returncode

    known = {call: int("--baseline" not in call and "--fail-on" not in call) for call in statuses}
    assert statuses == known
    assert len(CHECKS) >= 9


@pytest.mark.parametrize("snippet", re.findall(r"```yaml\n(.*?)```", PIPELINES, re.DOTALL))
def test_what_pipelines_are_told_to_hold_is_yaml(snippet: str) -> None:
    """A snippet can be pasted."""
    assert yaml.safe_load(snippet)
