"""What pipelines read: JUnit, GitHub's commands, GitLab's Code Quality and reviewdog's diagnostics, each as a whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest
import xmlschema
from junitparser import JUnitXml

from gracekeeper.reports.github import github
from gracekeeper.reports.gitlab import gitlab
from gracekeeper.reports.junit import junit
from gracekeeper.reports.rdjson import rdjson
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Report]
    Deployment = Callable[..., str]

SCHEMAS: Final = Path(__file__).parent / "schemas"
JUNIT: Final = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
RDJSON: Final = json.loads((SCHEMAS / "rdjson.json").read_text(encoding="utf-8"))
CODE_QUALITY: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"\A[^./]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""As GitLab's documentation tells it."""

COMMAND: Final = re.compile(r"::(?P<level>error|warning|notice) (?P<properties>[^\n]*?)::(?P<message>[^\r\n]*)\n")
HOSTILE: Final = "a%b,c:d\r\n::error::x\x1b[31m\x00"


def strict(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """A schema that allows no fields but its own."""
    if isinstance(schema, dict):
        closed = {"additionalProperties": False} if "properties" in schema else {}
        return {key: strict(held) for key, held in schema.items()} | closed
    return [strict(held) for held in schema] if isinstance(schema, list) else schema


def unescaped(text: str) -> str:
    """What GitHub's runner makes of a text."""
    for code, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
        text = text.replace(code, character)
    return text


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands of a text, which holds nothing else."""
    assert COMMAND.sub("", text) == ""
    return [
        (
            found["level"],
            {key: unescaped(held) for key, _, held in (each.partition("=") for each in found["properties"].split(","))},
            unescaped(found["message"]),
        )
        for found in COMMAND.finditer(text)
    ]


def hostile(report: Report) -> Report:
    """The report with a problem and an object whose words mean something to every format."""
    return replace(report, problems=(Problem(f"{HOSTILE}.yaml", 0, 0, f"found {HOSTILE}"),))


class TestJUnit:
    """JUnit's XML."""

    def test_report(self, everything: Report, root: Root, expected: Expected) -> None:
        """A suite for each workload, one for what could not be read; who is clean passes."""
        expected("junit/findings.xml", junit(everything, root, Severity.ERROR))

    def test_it_is_valid(self, everything: Report, root: Root) -> None:
        """By the schema that Jenkins goes by."""
        JUNIT.validate(junit(everything, root, Severity.ERROR))
        JUNIT.validate(junit(hostile(everything), root, Severity.ERROR))

    @pytest.mark.parametrize(
        ("fails", "failures"), [(Severity.ERROR, 1), (Severity.WARNING, 3), (Severity.NOTE, 3), (None, 0)]
    )
    def test_what_fails_the_run_is_a_failure(
        self, everything: Report, root: Root, fails: Severity | None, failures: int
    ) -> None:
        """The pipeline shows red what made it red; the rest passes and is told."""
        read = JUnitXml.fromstring(junit(everything, root, fails).encode())

        assert (read.tests, read.failures, read.errors) == (7, failures, 1)

    def test_no_name_is_met_twice(self, everything: Report, root: Root) -> None:
        """A test is followed by its names from one run to the next."""
        read = JUnitXml.fromstring(junit(everything, root, None).encode())
        names = [(case.classname, case.name) for suite in read for case in suite]

        assert len(names) == len(set(names))

    def test_twins_are_counted(self, reported: Reported, deployment: Deployment, root: Root) -> None:
        """The same workload in two files has two names."""
        text = deployment("{containers: [{name: web, image: a}]}")
        read = JUnitXml.fromstring(junit(reported(a=text, b=text), root, None).encode())

        assert [case.name.partition("memory")[2] for suite in read for case in suite] == ["", " (2)"]


class TestGitHub:
    """Workflow commands."""

    def test_report(self, everything: Report, root: Root, expected: Expected) -> None:
        """Annotations, the worst first, and nothing of what is silenced."""
        expected("github/findings.txt", github(everything, root))

    def test_only_commands_are_written(self, everything: Report, root: Root) -> None:
        """Each on a line, with the properties that GitHub knows."""
        found = commands(github(everything, root))

        assert [level for level, _, _ in found] == ["error", "error", "warning", "warning"]
        assert {key for _, properties, _ in found for key in properties} <= {
            "file",
            "line",
            "col",
            "endColumn",
            "title",
        }

    def test_no_text_of_a_manifest_is_a_command(self, everything: Report, root: Root) -> None:
        """Newlines, commas and colons arrive as what they are."""
        level, properties, message = commands(github(hostile(everything), root))[0]

        assert (level, properties["file"], message) == ("error", f"{HOSTILE}.yaml", f"found {HOSTILE}")

    def test_without_findings_it_is_empty(self, reported: Reported, root: Root) -> None:
        """There is nothing to annotate."""
        assert github(reported(empty="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"), root) == ""


class TestGitLab:
    """Code Quality."""

    def test_report(self, everything: Report, root: Root, expected: Expected) -> None:
        """What counts and what could not be read."""
        expected("gitlab/findings.json", gitlab(everything, root))

    def test_it_is_valid(self, everything: Report, root: Root) -> None:
        """Each issue has what GitLab needs, and a fingerprint of its own."""
        issues = json.loads(gitlab(everything, root))
        jsonschema.validate(issues, CODE_QUALITY)

        assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 4

    def test_without_findings_it_is_a_list(self, reported: Reported, root: Root) -> None:
        """GitLab compares with it."""
        assert gitlab(reported(empty="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"), root) == "[]\n"


class TestReviewdog:
    """Diagnostics."""

    def test_report(self, everything: Report, root: Root, expected: Expected) -> None:
        """Places, suggestions and related places."""
        expected("rdjson/findings.json", rdjson(everything, root))

    def test_it_is_valid(self, everything: Report, root: Root) -> None:
        """Reviewdog's own schema, without its leave to hold more."""
        jsonschema.Draft4Validator(strict(RDJSON)).validate(json.loads(rdjson(everything, root)))

    def test_columns_are_bytes(self, reported: Reported, deployment: Deployment, root: Root) -> None:
        """A character beyond ASCII before the place moves it by more than one."""
        text = deployment("{'ü': 1, containers: [{name: web, image: a}]}")
        found = json.loads(rdjson(reported(web=text), root))["diagnostics"]
        line = text.split("\n")[found[0]["location"]["range"]["start"]["line"] - 1].encode()
        start, end = (found[0]["location"]["range"][side]["column"] - 1 for side in ("start", "end"))

        assert found[0]["code"]["value"] == "limit-missing"
        assert line[start:end].startswith(b"{name: web")

    def test_a_suggestion_mends(self, everything: Report, root: Root, folder: Path, reported: Reported) -> None:
        """Written into the file, it takes the finding away."""
        [found] = [
            each
            for each in json.loads(rdjson(everything, root))["diagnostics"]
            if each["code"]["value"] == "limit-missing"
        ]
        [suggestion] = found["suggestions"]
        lines = (folder / "web.yaml").read_text().split("\n")
        place = suggestion["range"]["start"]
        assert place == suggestion["range"]["end"]
        line = lines[place["line"] - 1]
        lines[place["line"] - 1] = line[: place["column"] - 1] + suggestion["text"] + line[place["column"] - 1 :]
        after = reported(web="\n".join(lines))

        assert "limit-missing" not in {ruling.rule.id for ruling in after.found}
