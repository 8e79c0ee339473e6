"""The examples do what they say: checked by the real program, from the root of the repository, as a reader would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PROGRAM: Final = Path(sys.executable).with_name("gracekeeper")
EXAMPLES: Final = sorted(path.parent.name for path in ROOT.glob("examples/*/manifest.yaml"))
WITH_FINDINGS: Final = {"05-classic-mistakes", "06-gunicorn-conf-in-configmap", "10-script-in-configmap"}
CHANGES: Final = {
    "01-gunicorn-web-app": ("--graceful-timeout=30", "--graceful-timeout=40", 1, "error  grace-period-too-short"),
    "02-uvicorn-api": ("--host=0.0.0.0", "--host=127.0.0.1", 1, "error  server-bound-to-loopback"),
    "03-celery-worker": ("--time-limit=300", "--time-limit=600", 1, "error  task-outlives-grace"),
    "04-cron-job": (
        "runAsNonRoot: true\n            runAsUser: 10001",
        "runAsNonRoot: false",
        1,
        "error  run-as-root",
    ),
    "08-uwsgi-web-app": ("            - --die-on-term", "            - --vacuum", 1, "error  stop-signal-mismatch"),
    "06-gunicorn-conf-in-configmap": ("graceful_timeout = 90", "graceful_timeout = 45", 0, "no findings"),
    "10-script-in-configmap": ("        gunicorn --bind", "        exec gunicorn --bind", 0, "no findings"),
    "07-exemption-by-annotation": ("task-outlives-grace: ", "task-outlives-grase: ", 2, "did you mean"),
}
REMEDIES: Final = (
    ("terminationGracePeriodSeconds: 30", "terminationGracePeriodSeconds: 77"),
    ("web:latest", "web:1.4.2"),
    ("port: 8080", "port: 8000"),
    ("requests: {cpu: 100m, memory: 128Mi}", "requests: {cpu: 100m}\n            limits: {memory: 128Mi}"),
    ("          securityContext: {allowPriv", "          securityContext: {runAsNonRoot: true, allowPriv"),
    ("&& uvicorn main:app", "&& exec uvicorn main:app --timeout-graceful-shutdown 23"),
    ("        - name: api\n", "        - name: api\n          lifecycle: {preStop: {sleep: {seconds: 5}}}\n"),
)


def gracekeeper(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program at the width of the expected outputs."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        [PROGRAM, *words],
        cwd=ROOT,
        env=environment,
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def manifest(name: str) -> str:
    """The text of an example's manifest."""
    return (ROOT / "examples" / name / "manifest.yaml").read_text(encoding="utf-8")


def policy(name: str) -> list[str]:
    """How an example's own policy is named, where it has one."""
    file = f"examples/{name}/gracekeeper.yaml"
    return ["--policy", file] if (ROOT / file).is_file() else []


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_the_output_that_stands_beside_it(name: str) -> None:
    """Output and exit status are what `expected.txt` and the reader expect; nothing is complained of."""
    result = gracekeeper("check", *policy(name), f"examples/{name}")
    expected = (ROOT / "examples" / name / "expected.txt").read_text(encoding="utf-8")

    assert (result.stdout, result.stderr, result.returncode) == (expected, "", int(name in WITH_FINDINGS))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_explained(name: str) -> None:
    """What the examples' pages propose, `explain`, works on each."""
    result = gracekeeper("explain", f"examples/{name}")

    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_a_page_of_four_lines(name: str) -> None:
    """Each page says what is shown, what to type, what to look at and what to change."""
    lines = (ROOT / "examples" / name / "README.md").read_text(encoding="utf-8").splitlines()

    assert [line.split("**")[1] for line in lines] == ["Shows", "Type", "Look at", "Change"]
    assert f"examples/{name}`" in lines[1]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_the_proposed_change_has_the_effect_that_is_told(name: str) -> None:
    """Who follows an example's last line sees what it says."""
    old, new, status, said = CHANGES[name]
    text = manifest(name)
    result = gracekeeper("check", "-", given=text.replace(old, new))

    assert old in text
    assert said in result.stdout + result.stderr
    assert result.returncode == status


def test_following_the_remedies_cleans_the_classic_mistakes() -> None:
    """Who writes what is proposed, and checks again, ends without a finding."""
    mended = manifest("05-classic-mistakes")
    for old, new in REMEDIES:
        assert old in mended
        mended = mended.replace(old, new)
    result = gracekeeper("check", "-", given=mended)

    assert result.stdout.splitlines()[0].startswith("2 workloads in 2 documents: no findings")
    assert result.returncode == 0
