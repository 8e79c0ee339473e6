"""A repository of two thousand manifests takes Gracekeeper up: clean at first, and then each change tells its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any, Final

import pytest
from benchmarks.manifests import deployment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]
    Places = list[tuple[str, str, int]]

WORKLOADS: Final = 2000
BASELINE: Final = ".gracekeeper-baseline.json"
CHANGED: Final = "deploy/team-3/new.yaml"
NEW: Final = """\
# What the change adds: errors, warnings and notes, of the pod and of its container.
apiVersion: apps/v1
kind: Deployment
metadata: {name: new, namespace: team-3}
spec:
  template:
    metadata: {labels: {app: new}}
    spec:
      terminationGracePeriodSeconds: 20
      containers:
      - name: web
        image: registry.example.com/shop/new
        command: [gunicorn, --bind=0.0.0.0:8000, --graceful-timeout=30, "app:app"]
"""


def in_text(text: str) -> Places:
    """Rule, file and line of each finding that counts."""
    found = re.findall(r"^  (?:error|warning|note)  (\S+).*? (\S+):(\d+):\d+$", text, re.MULTILINE)
    return [(rule, file, int(line)) for rule, file, line in found]


def in_json(text: str) -> Places:
    """The same."""
    found = [each for each in json.loads(text)["findings"] if each["suppressed"] is None]
    return [(each["rule"], each["location"]["file"], each["location"]["line"]) for each in found]


def in_sarif(text: str) -> Places:
    """The same."""
    [run] = json.loads(text)["runs"]
    found = [each for each in run["results"] if not each["suppressions"]]
    assert {each["baselineState"] for each in found} == {"new"}
    places = [(each["ruleId"], each["locations"][0]["physicalLocation"]) for each in found]
    return [(rule, place["artifactLocation"]["uri"], place["region"]["startLine"]) for rule, place in places]


def in_junit(text: str) -> Places:
    """The same, where everything fails."""
    failures = list(ET.fromstring(text).iterfind("testsuite/testcase[failure]"))  # noqa: S314 - our own report
    told = [(str(each.get("name")).partition(" ")[0], str(each[0].text).split(":")) for each in failures]
    return [(rule, words[0], int(words[1])) for rule, words in told]


def in_github(text: str) -> Places:
    """The same."""
    found = re.findall(r"^::\w+ file=([^,]+),line=(\d+),.*?title=(\S+) in ", text, re.MULTILINE)
    return [(rule, file, int(line)) for file, line, rule in found]


def in_gitlab(text: str) -> Places:
    """The same."""
    return [
        (each["check_name"], each["location"]["path"], each["location"]["lines"]["begin"]) for each in json.loads(text)
    ]


def in_rdjson(text: str) -> Places:
    """The same."""
    found = [(each["code"]["value"], each["location"]) for each in json.loads(text)["diagnostics"]]
    return [(rule, place["path"], place["range"]["start"]["line"]) for rule, place in found]


def in_html(text: str) -> Places:
    """The same."""
    objects = re.findall(r'<span class="file">([^<]+)</span>(.*?)</noscript>', text, re.DOTALL)
    finding = re.compile(r'data-rule="([^"]+)".*?class="place">[^<:]+:(\d+)', re.DOTALL)
    return [(rule, file, int(line)) for file, body in objects for rule, line in finding.findall(body)]


def in_markdown(text: str) -> Places:
    """The same."""
    found = re.findall(r"^- \*\*\w+\*\* `(\S+)` at `([^:]+):(\d+)`", text, re.MULTILINE)
    return [(rule, file, int(line)) for rule, file, line in found]


READERS: Final[dict[str, Callable[[str], Places]]] = {
    "text": in_text,
    "json": in_json,
    "sarif": in_sarif,
    "junit": in_junit,
    "github": in_github,
    "gitlab": in_gitlab,
    "rdjson": in_rdjson,
    "markdown": in_markdown,
    "html": in_html,
}


def write_history(folder: Path) -> None:
    """Make the repository: three commits on `main` and one on `change`, the same at every run."""
    workloads = {f"deploy/team-{number % 7}/shop-{number:04}.yaml": number for number in range(WORKLOADS)}
    texts = {path: deployment(number, of_a_mould=number % 3 > 0) for path, number in workloads.items()}
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    commit(folder, "the first team", {path: text for path, text in texts.items() if "/team-0/" in path})
    commit(folder, "all teams", texts)
    # Later some are mended, some spoilt, and a team's folder gets another name.
    graces = {8: "terminationGracePeriodSeconds: 90", 12: "terminationGracePeriodSeconds: 20"}
    changed = {
        path: re.sub(r"terminationGracePeriodSeconds: \d+", graces[workloads[path] % 40], text)
        for path, text in texts.items()
        if workloads[path] % 40 in graces
    }
    git(folder, "mv", "deploy/team-6", "deploy/payments")
    commit(folder, "better and worse", {path.replace("team-6", "payments"): text for path, text in changed.items()})
    git(folder, "switch", "--quiet", "--create", "change")
    commit(folder, "a new workload", {CHANGED: NEW})


def commit(folder: Path, message: str, files: dict[str, str]) -> None:
    """Commit these files and whatever else has changed."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def git(folder: Path, *arguments: str) -> None:
    """Call git as somebody, at a time that never changes."""
    of = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2026-11-22T12:00:00Z")
    subprocess.run(["git", *arguments], cwd=folder, env=os.environ | of | when, check=True, capture_output=True)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, made once; tests leave it on `change` as they found it."""
    folder = tmp_path_factory.mktemp("history")
    write_history(folder)
    return folder


@pytest.fixture
def repository(history: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository as working directory."""
    monkeypatch.chdir(history)
    return history


@pytest.fixture
def adopted(repository: Path, run: Run) -> Path:
    """The repository, with a baseline of what `main` holds."""
    git(repository, "switch", "--quiet", "main")
    ran = run("check", "deploy", "--baseline", BASELINE, "--write-baseline", "--format=github")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    git(repository, "switch", "--quiet", "change")
    return repository


def fingerprints(text: str, part: str = "findings") -> list[str]:
    """What the findings that count are called."""
    return [each["fingerprint"] for each in json.loads(text)[part] if each["suppressed"] is None]


def test_the_first_run_with_a_fresh_baseline_is_clean(run: Run, repository: Path) -> None:
    """Thousands of findings are known at once, and nothing fails."""
    git(repository, "switch", "--quiet", "main")
    first = run("check", "deploy", "--baseline", BASELINE, "--write-baseline", "--format=json")
    again = run("check", "deploy", "--baseline", BASELINE, "--format=json", "--fail-on=note")
    git(repository, "switch", "--quiet", "change")
    summary = json.loads(again.out)["summary"]

    assert (first.status, again.status) == (0, 0)
    assert summary["workloads"] == WORKLOADS
    assert summary["suppressed"] > WORKLOADS
    assert summary["findings"] == {"error": 0, "warning": 0, "note": 0}


def test_a_change_fails_with_exactly_its_findings_in_every_form(run: Run, adopted: Path) -> None:
    """Those that its file has when it is checked alone; all forms tell them at the same places."""
    own = in_json(run("check", CHANGED, "--format=json").out)
    pairs = [option for name in READERS for option in (f"--format={name}", f"--output=.git/report.{name}")]
    ran = run("check", "deploy", "--baseline", BASELINE, "--fail-on=note", *pairs)
    told = {name: read((adopted / f".git/report.{name}").read_text("utf-8")) for name, read in READERS.items()}

    assert (ran.status, ran.out, ran.err) == (1, "", "")
    assert len(own) > 10
    assert {name: sorted(places) for name, places in told.items()} == dict.fromkeys(READERS, sorted(own))


def test_diff_agrees_with_the_baseline(run: Run, adopted: Path) -> None:
    """Two ways to ask what a change adds have one answer."""
    checked = run("check", "deploy", "--baseline", BASELINE, "--format=json")
    compared = run("diff", "main", "change", "--format=json")

    assert adopted.is_dir()
    assert (checked.status, compared.status) == (1, 1)
    assert sorted(fingerprints(compared.out, "added")) == sorted(fingerprints(checked.out))
    assert json.loads(compared.out)["mended"] == []


def test_diff_tells_what_two_checks_differ_in(run: Run, repository: Path) -> None:
    """Between two revisions, also where a folder was renamed in between."""
    before, after = (
        set(fingerprints(run("check", f"git:{side}:", "--format=json").out)) for side in ("main~1", "main")
    )
    compared = run("diff", "main~1", "main", "--format=json").out

    assert repository.is_dir()
    assert before - after
    assert after - before
    assert set(fingerprints(compared, "mended")) == before - after
    # A finding that became heavier is told too.
    assert after - before <= set(fingerprints(compared, "added")) <= after


def test_the_history_is_the_same_at_every_run(history: Path, tmp_path: Path) -> None:
    """So that what fails here fails everywhere."""
    write_history(tmp_path)
    heads = [
        subprocess.run(["git", "rev-parse", "change"], cwd=folder, check=True, capture_output=True).stdout
        for folder in (history, tmp_path)
    ]

    assert heads[0] == heads[1]
