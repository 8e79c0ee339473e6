"""`gracekeeper check --baseline`: what is known does not fail, what is new does, and what is mended goes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

BASELINE: Final = "known.json"


@pytest.fixture
def known(run: Run, bad: str) -> str:
    """The name of a file with one error that a baseline beside it knows."""
    assert run("check", bad, "--baseline", BASELINE, "--write-baseline").status == 0
    return bad


def entries(folder: Path) -> list[dict[str, Any]]:
    """What the baseline holds."""
    found: list[dict[str, Any]] = json.loads((folder / BASELINE).read_text())["findings"]
    return found


def test_a_written_baseline_holds_the_findings_a_line_each(folder: Path, known: str) -> None:
    """So that a reviewer reads it, and version control merges it."""
    text = (folder / BASELINE).read_text()
    [entry] = entries(folder)

    assert {**entry, "fingerprint": ""} == {
        "fingerprint": "",
        "rule": "grace-period-too-short",
        "severity": "error",
        "workload": "Deployment shop/web",
        "container": "web",
        "path": "spec.template.spec.terminationGracePeriodSeconds",
        "file": known,
    }
    assert [line[:2] for line in text.splitlines()] == ['{"', "  ", "]}"]


def test_known_findings_are_counted_apart_and_do_not_fail(run: Run, known: str) -> None:
    """They are shown where everything that is silenced is shown."""
    ran = run("check", known, "--baseline", BASELINE)

    assert (ran.status, ran.err) == (0, "")
    assert "Silenced: 1 finding by the baseline; --verbose lists them." in ran.out
    assert "Deployment shop/web, baseline known.json" in run("check", known, "--baseline", BASELINE, "--verbose").out


def test_json_names_the_baseline(run: Run, known: str) -> None:
    """A program sees what is known, and what came of the baseline."""
    content = json.loads(run("check", known, "--baseline", BASELINE, "--format=json").out)

    assert [each["suppressed"] for each in content["findings"]] == ["baseline known.json"]
    assert content["summary"]["suppressed"] == 1
    assert content["baseline"] == {"file": BASELINE, "known": 1, "gone": 0}


def test_what_is_new_fails(run: Run, folder: Path, known: str) -> None:
    """A second workload with the same fault is found, and it alone."""
    other = (folder / known).read_text().replace("name: web, namespace", "name: api, namespace")
    (folder / "api.yaml").write_text(other)
    ran = run("check", "--baseline", BASELINE)

    assert ran.status == 1
    assert "Deployment shop/api" in ran.out
    assert "Deployment shop/web" not in ran.out


def test_what_has_become_worse_is_new(run: Run, folder: Path, known: str) -> None:
    """A margin that was short is not the licence to cut requests."""
    margin = (folder / known).read_text().replace("Seconds: 20", "Seconds: 36")
    (folder / known).write_text(margin)
    assert run("check", known, "--baseline", BASELINE, "--write-baseline", "--fail-on=warning").status == 0
    assert [entry["severity"] for entry in entries(folder)] == ["warning"]
    (folder / known).write_text(margin.replace("Seconds: 36", "Seconds: 20"))

    assert run("check", known, "--baseline", BASELINE).status == 1


def test_a_twin_in_another_file_is_new(run: Run, folder: Path, known: str) -> None:
    """The same workload in the overlay of another stage: each file's own finding is the known one."""
    (folder / "a-stage.yaml").write_text((folder / known).read_text())
    content = json.loads(run("check", "--baseline", BASELINE, "--format=json").out)

    assert {each["location"]["file"]: each["suppressed"] for each in content["findings"]} == {
        "a-stage.yaml": None,
        known: "baseline known.json",
    }


def test_a_renamed_file_keeps_its_findings(run: Run, folder: Path, known: str) -> None:
    """Neither its name nor its folder counts."""
    (folder / "deploy").mkdir()
    (folder / known).rename(folder / "deploy" / "other.yaml")

    assert run("check", "--baseline", BASELINE).status == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    style=st.sampled_from([None, True, False]), indent=st.integers(2, 8), lines=st.integers(0, 40), sort=st.booleans()
)
def test_formatting_keeps_the_findings(
    run: Run, folder: Path, known: str, style: bool | None, indent: int, lines: int, sort: bool
) -> None:
    """Moved lines, another indentation, blocks or braces, keys in another order, JSON: all of it is known."""
    values = yaml.safe_load((folder / known).read_text())
    text = "#\n" * lines + yaml.safe_dump(values, default_flow_style=style, indent=indent, sort_keys=sort)
    (folder / "again.yaml").write_text(text)

    assert run("check", "again.yaml", "--baseline", BASELINE).status == 0


def test_what_is_mended_is_said_and_taken_out_on_request(run: Run, folder: Path, known: str, good: str) -> None:
    """Only on request: who checks must not find his files changed."""
    (folder / known).write_text((folder / good).read_text())
    before = (folder / BASELINE).read_bytes()
    ran = run("check", known, "--baseline", BASELINE)

    assert "Mended: 1 finding of known.json that the input no longer has; --prune-baseline takes it out." in ran.out
    assert (folder / BASELINE).read_bytes() == before
    assert "Mended" not in run("check", known, "--baseline", BASELINE, "--prune-baseline").out
    assert (folder / BASELINE).read_text() == '{"version": 1, "findings": []}\n'


def test_pruning_makes_nothing_known(run: Run, folder: Path, known: str) -> None:
    """What is new still fails, and is not in the file."""
    (folder / "api.yaml").write_text(
        (folder / known).read_text().replace("name: web, namespace", "name: api, namespace")
    )

    assert run("check", "--baseline", BASELINE, "--prune-baseline").status == 1
    assert [entry["workload"] for entry in entries(folder)] == ["Deployment shop/web"]


@pytest.mark.parametrize("option", ["--prune-baseline", "--write-baseline"])
def test_a_check_of_a_part_leaves_the_rest_alone(run: Run, folder: Path, known: str, good: str, option: str) -> None:
    """A hook that checks changed files alone takes out nothing of the others."""
    before = entries(folder)
    ran = run("check", good, "--baseline", BASELINE, option)

    assert (ran.status, entries(folder)) == (0, before)
    assert "Mended" not in ran.out
    assert known == before[0]["file"]


def test_what_cannot_be_read_keeps_its_findings(run: Run, folder: Path, known: str) -> None:
    """A slip in a manifest is no mending."""
    (folder / known).write_text("a: b: c\n")
    before = entries(folder)

    assert run("check", known, "--baseline", BASELINE, "--prune-baseline").status == 2
    assert entries(folder) == before


def test_a_baseline_serves_from_every_folder(
    run: Run, folder: Path, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are named from its own folder on."""
    (folder / "ci").mkdir()
    monkeypatch.chdir(folder / "ci")
    ran = run("check", "..", "--baseline", f"../{BASELINE}", "--prune-baseline")

    assert ran.status == 0
    assert [entry["file"] for entry in entries(folder)] == [known]


def test_a_renamed_file_is_not_known_twice(run: Run, folder: Path, known: str) -> None:
    """Written anew for the new name alone, the file has each finding once."""
    (folder / known).rename(folder / "other.yaml")
    assert run("check", "other.yaml", "--baseline", BASELINE, "--write-baseline").status == 0

    assert [entry["file"] for entry in entries(folder)] == ["other.yaml"]


def test_a_revision_is_known_by_its_files(run: Run, folder: Path, known: str) -> None:
    """What is known of the working tree is known of what was committed."""
    for command in (
        ["init", "-q"],
        ["add", known],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    before = entries(folder)
    ran = run("check", "git:HEAD:", "--baseline", BASELINE, "--write-baseline")

    assert (ran.status, ran.err, entries(folder)) == (0, "", before)


def test_an_exemption_comes_before_the_baseline(run: Run, folder: Path, known: str) -> None:
    """What its author has silenced with a reason need not be known besides."""
    exempt = '{name: web, namespace: shop, annotations: {gracekeeper.dev/exempt: "grace-period-too-short: known"}}'
    (folder / known).write_text((folder / known).read_text().replace("{name: web, namespace: shop}", exempt))
    ran = run("check", known, "--baseline", BASELINE)

    assert "Silenced: 1 finding by exemptions" in ran.out
    assert "Mended: 1 finding" in ran.out


def test_standard_input_has_a_place_in_it(run: Run, folder: Path, known: str) -> None:
    """What a renderer writes is known under the name of standard input."""
    text = (folder / known).read_text()
    assert run("check", "-", "--baseline=b.json", "--write-baseline", stdin=text).status == 0

    assert run("check", "-", "--baseline=b.json", stdin=f"# moved\n{text}").status == 0


BROKEN: Final = {
    "": "input data was truncated",
    "[]": "expected `object`, got `array`",
    '{"version": 1}': "object missing required field `findings`",
    '{"version": 2, "findings": []}': "is a baseline of version 2, expected 1",
    '<<<<<<< HEAD\n{"version": 1, "findings": []}': "json is malformed: invalid character (byte 0)",
    '{"version": 1, "findings": [{"rule": "x"}]}': "object missing required field `fingerprint` - at `$.findings[0]`",
    "\xff": "json is malformed",
}


@pytest.mark.parametrize("text", BROKEN, ids=BROKEN.values())
@pytest.mark.parametrize("option", ["--verbose", "--write-baseline"])
def test_a_broken_baseline_is_status_2_and_one_sentence(
    run: Run, folder: Path, good: str, text: str, option: str
) -> None:
    """It is neither ignored nor written over: somebody has kept it."""
    (folder / BASELINE).write_text(text)
    ran = run("check", good, "--baseline", BASELINE, option)

    assert (ran.status, ran.out) == (2, "")
    assert re.fullmatch(r"gracekeeper: known\.json is .+\. Take it back .+\.\n", ran.err)
    assert BROKEN[text] in ran.err
    assert (folder / BASELINE).read_text() == text


@pytest.mark.parametrize("option", ["--verbose", "--write-baseline"])
def test_a_baseline_that_is_no_file_is_status_2(run: Run, folder: Path, good: str, option: str) -> None:
    """A pipe is not waited for, and a device without an end is not read to it."""
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    told = [run("check", good, option, "--baseline", name).err for name in ("pipe", "folder", "loop", "/dev/zero")]

    assert told == [
        "gracekeeper: the baseline pipe is a pipe, expected a file.\n",
        "gracekeeper: the baseline folder is a directory, expected a file.\n",
        "gracekeeper: the baseline loop cannot be read: too many levels of symbolic links.\n",
        "gracekeeper: the baseline /dev/zero is a device, expected a file.\n",
    ]


def test_an_editor_may_have_marked_the_file_as_utf_8(run: Run, folder: Path, known: str) -> None:
    """As those of Windows do."""
    (folder / BASELINE).write_text((folder / BASELINE).read_text(), "utf-8-sig")

    assert run("check", known, "--baseline", BASELINE).status == 0


def test_a_report_does_not_overwrite_the_baseline(run: Run, folder: Path, known: str) -> None:
    """A slip in a pipeline would cost what is known."""
    before = (folder / BASELINE).read_bytes()
    ran = run("check", known, "--baseline", BASELINE, "--format=json", "--output", BASELINE)

    assert ran.status == 2
    assert ran.err.startswith(f"gracekeeper: a report would overwrite the baseline {BASELINE}.")
    assert (folder / BASELINE).read_bytes() == before


def test_a_baseline_that_holds_a_secret_does_not_show_it(run: Run, folder: Path, good: str) -> None:
    """Somebody names the wrong file."""
    wrong = {
        "fingerprint": "",
        "rule": "",
        "severity": "Kanar1en",
        "workload": "",
        "container": "",
        "path": "",
        "file": "",
    }
    (folder / BASELINE).write_text(json.dumps({"version": 1, "findings": [wrong]}))
    ran = run("check", good, "--baseline", BASELINE)

    assert (ran.status, ran.err.startswith("gracekeeper: known.json is no baseline: ")) == (2, True)
    assert "Kanar1en" not in ran.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--baseline=missing.json"], "there is no baseline missing.json. --write-baseline makes it."),
        (["--baseline=."], "the baseline . is a directory, expected a file."),
        (["--write-baseline"], "--write-baseline needs --baseline FILE."),
        (["--prune-baseline"], "--prune-baseline needs --baseline FILE."),
        (
            ["--baseline=b", "--write-baseline", "--prune-baseline"],
            "--write-baseline and --prune-baseline exclude each other.",
        ),
        (["--baseline=missing/b.json", "--write-baseline"], "cannot write missing/b.json: no such file or directory."),
    ],
    ids=str,
)
def test_a_wrong_call_is_one_sentence(run: Run, good: str, options: list[str], sentence: str) -> None:
    """Each with status 2, and nothing is written."""
    ran = run("check", good, *options)

    assert ran.status == 2
    assert ran.err.startswith(f"gracekeeper: {sentence}")


def test_a_large_repository_starts_clean_and_then_sees_its_changes(run: Run, folder: Path, bad: str) -> None:
    """Two thousand workloads become known at once; one more fails with exactly its own findings."""
    text = (folder / bad).read_text()
    manifests = [text.replace("name: web, namespace", f"name: web-{number}, namespace") for number in range(2000)]
    (folder / bad).write_text("---\n".join(manifests))
    assert run("check", bad, "--baseline", BASELINE, "--write-baseline").status == 0
    (folder / bad).write_text("---\n".join([text, *reversed(manifests)]))
    ran = run("check", bad, "--baseline", BASELINE, "--format=json")
    new = [each["workload"]["name"] for each in json.loads(ran.out)["findings"] if each["suppressed"] is None]

    assert (ran.status, new) == (1, ["web"])
