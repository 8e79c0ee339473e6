"""The forms of a report as a pipeline asks for them: several at once, and one verdict in all of them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


def in_sarif(text: str) -> set[tuple[str, str]]:
    """Rule and file of what counts."""
    [run] = json.loads(text)["runs"]
    return {
        (each["ruleId"], each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for each in run["results"]
        if not each["suppressions"]
    }


def in_junit(text: str) -> set[tuple[str, str]]:
    """The same."""
    failures = ET.fromstring(text).iterfind("testsuite/testcase[failure]")  # noqa: S314 - our own report
    return {(str(each.get("name")).partition(" ")[0], str(each[0].text).partition(":")[0]) for each in failures}


def in_github(text: str) -> set[tuple[str, str]]:
    """The same."""
    return {(rule, file) for file, rule in re.findall(r"^::error file=([^,]+),.*?title=(\S+) in ", text, re.MULTILINE)}


def in_gitlab(text: str) -> set[tuple[str, str]]:
    """The same."""
    return {(each["check_name"], each["location"]["path"]) for each in json.loads(text)}


def in_rdjson(text: str) -> set[tuple[str, str]]:
    """The same."""
    return {(each["code"]["value"], each["location"]["path"]) for each in json.loads(text)["diagnostics"]}


def in_markdown(text: str) -> set[tuple[str, str]]:
    """The same."""
    return set(re.findall(r"^- \*\*error\*\* `(\S+)` at `([^:]+):\d+`", text, re.MULTILINE))


def in_html(text: str) -> set[tuple[str, str]]:
    """The same."""
    objects = re.findall(r'<span class="file">([^<]+)</span>(.*?)</noscript>', text, re.DOTALL)
    return {(rule, file) for file, body in objects for rule in re.findall(r'data-rule="([^"]+)"', body)}


def in_json(text: str) -> set[tuple[str, str]]:
    """The same."""
    findings = json.loads(text)["findings"]
    return {(each["rule"], each["location"]["file"]) for each in findings if each["suppressed"] is None}


READERS: Final[dict[str, Callable[[str], set[tuple[str, str]]]]] = {
    "json": in_json,
    "sarif": in_sarif,
    "junit": in_junit,
    "github": in_github,
    "gitlab": in_gitlab,
    "rdjson": in_rdjson,
    "markdown": in_markdown,
    "html": in_html,
}
PAIRS: Final = [option for name in READERS for option in (f"--format={name}", f"--output=report.{name}")]


def told(folder: Path) -> dict[str, set[tuple[str, str]]]:
    """What each report tells."""
    return {name: read((folder / f"report.{name}").read_text(encoding="utf-8")) for name, read in READERS.items()}


def test_every_form_tells_the_same(run: Run, folder: Path, bad: str, good: str) -> None:
    """All of them in one run."""
    ran = run("check", bad, good, *PAIRS)

    assert (ran.status, ran.out, ran.err) == (1, "", "")
    assert told(folder) == {key: {("grace-period-too-short", bad)} for key in READERS}


def test_what_is_known_is_in_none(run: Run, folder: Path, bad: str) -> None:
    """Of two thousand workloads under a baseline every form tells the one that is new."""
    text = (folder / bad).read_text()
    for number in range(40):
        many = (text.replace("name: web, ", f"name: web-{number}-{each}, ") for each in range(50))
        (folder / f"many-{number}.yaml").write_text("---\n".join(many))
    (folder / bad).rename(folder / "later")
    assert run("check", "--baseline=known", "--write-baseline", "--format=json", "--output=x").status == 0
    (folder / "later").rename(folder / bad)
    ran = run("check", "--baseline=known", *PAIRS)

    assert ran.status == 1
    assert told(folder) == {key: {("grace-period-too-short", bad)} for key in READERS}


@pytest.mark.parametrize("checkout", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_files_are_named_from_the_checkout(
    run: Run, folder: Path, bad: str, checkout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that works in a folder of the checkout still points at the right file."""
    (folder / "deploy").mkdir()
    (folder / bad).rename(folder / "deploy" / bad)
    monkeypatch.setenv(checkout, str(folder))
    monkeypatch.chdir(folder / "deploy")

    assert in_github(run("check", "--format=github").out) == {("grace-period-too-short", f"deploy/{bad}")}
    assert in_sarif(run("check", "--format=sarif").out) == {("grace-period-too-short", f"deploy/{bad}")}


def test_a_checkout_elsewhere_does_not_count(run: Run, folder: Path, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named from the working directory then."""
    (folder / "elsewhere").mkdir()
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder / "elsewhere"))

    assert in_github(run("check", "--format=github").out) == {("grace-period-too-short", bad)}


def test_the_summary_of_a_step_is_added_to(run: Run, folder: Path, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other commands of the step wrote stays."""
    (folder / "summary").write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary")
    run("check", bad, "--format=github")
    summary = (folder / "summary").read_text(encoding="utf-8")

    assert summary.startswith("# Before\n<!-- gracekeeper -->")
    assert in_markdown(summary) == {("grace-period-too-short", bad)}


def test_a_summary_that_cannot_be_written_is_status_2(run: Run, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, as for every output."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "missing/summary")
    ran = run("check", bad, "--format=github")

    assert (ran.status, ran.err) == (2, "gracekeeper: cannot write missing/summary: no such file or directory.\n")


@pytest.mark.parametrize("name", READERS)
def test_standard_input_is_told_in_every_form(run: Run, folder: Path, bad: str, name: str) -> None:
    """What a renderer writes has no file, and is judged all the same."""
    ran = run("check", "-", f"--format={name}", stdin=(folder / bad).read_text())

    assert (ran.status, READERS[name](ran.out)) == (1, {("grace-period-too-short", "-")})


@pytest.mark.parametrize("name", READERS)
def test_what_cannot_be_read_is_told_in_every_form(run: Run, broken: str, name: str) -> None:
    """Who sees the report alone must not take it for the whole."""
    ran = run("check", broken, f"--format={name}")

    assert ran.status == 2
    assert "broken.yaml" in ran.out


@pytest.mark.parametrize("name", READERS)
def test_odd_characters_break_no_form(run: Run, folder: Path, bad: str, name: str) -> None:
    """Control characters, half of a surrogate pair, the end of a CDATA section."""
    odd = (folder / bad).read_text().replace("{name: web, namespace", r'{name: "w]]>\0\a\e\uD800\uFFFE<&", namespace')
    (folder / bad).write_text(odd)
    ran = run("check", bad, f"--format={name}")

    assert ran.status in (1, 2)
    assert "itself failed" not in ran.err
    READERS[name](ran.out)
