"""SARIF: the whole of it, under the standard's own schema, and what code scanning asks beyond that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest

from gracekeeper.reports.report import Baselined, Report
from gracekeeper.reports.sarif import sarif
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.reports.roots import Root

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Report]
    Deployment = Callable[..., str]

SCHEMA: Final = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
VERSION: Final = "1.2.3"


def run_of(report: Report, root: Root) -> dict[str, Any]:
    """The one run of the log, which is valid."""
    content = json.loads(sarif(report, root, VERSION))
    jsonschema.Draft202012Validator(SCHEMA).validate(content)
    [run] = content["runs"]
    assert isinstance(run, dict)
    return run


def test_report(everything: Report, root: Root, expected: Expected) -> None:
    """Rules with help, places, related places, fixes, what is silenced, and what could not be read."""
    expected("sarif/findings.sarif", sarif(everything, root, VERSION))


def test_it_is_valid(everything: Report, root: Root) -> None:
    """The schema of the standard accepts it."""
    assert len(run_of(everything, root)["results"]) == len(everything.verdict.rulings) == 5


def test_a_run_without_findings_is_valid(reported: Reported, root: Root) -> None:
    """Code scanning closes its alerts by it."""
    run = run_of(reported(empty="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"), root)

    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_each_result_names_its_rule_by_number(everything: Report, root: Root) -> None:
    """Rules stand in the order of the catalogue, each once."""
    run = run_of(everything, root)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

    assert rules == ["too-short", "limit-missing", "service-suspected"]
    assert {result["ruleId"] for result in run["results"] if rules[result["ruleIndex"]] != result["ruleId"]} == set()


def test_precision_falls_with_what_is_suspected(everything: Report, root: Root) -> None:
    """What is proven is relied on more."""
    rules = run_of(everything, root)["tool"]["driver"]["rules"]

    assert [rule["properties"]["precision"] for rule in rules] == ["very-high", "very-high", "medium"]


def test_a_baseline_tells_new_from_known(everything: Report, root: Root) -> None:
    """Either every result has a state or none, as the standard asks."""
    under = replace(everything, baseline=Baselined("known.json", 0, 0))

    assert {result["baselineState"] for result in run_of(under, root)["results"]} == {"new"}
    assert not any("baselineState" in result for result in run_of(everything, root)["results"])


def test_fingerprints_do_not_know_lines(reported: Reported, deployment: Deployment, root: Root) -> None:
    """A comment above everything moves each line and no alert."""
    spec = "{containers: [{name: web, image: a, command: [gunicorn, --graceful-timeout=60, a]}]}"
    before = run_of(reported(web=deployment(spec)), root)["results"]
    after = run_of(reported(web="# moved\n" + deployment(spec)), root)["results"]

    assert [each["partialFingerprints"] for each in before] == [each["partialFingerprints"] for each in after]
    assert before[0]["locations"] != after[0]["locations"]


def test_a_text_is_no_link(reported: Reported, deployment: Deployment, root: Root) -> None:
    """Brackets before parentheses would be one."""
    odd = deployment(
        "{containers: [{name: web, image: a}]}", metadata=', annotations: {gracekeeper.dev/exempt: "x](y"}'
    )
    run = run_of(reported(odd=odd), root)

    assert "](" not in json.dumps(run["invocations"])
    assert run["invocations"][0]["toolExecutionNotifications"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_what_code_scanning_shows(rule: Any) -> None:  # noqa: ANN401 - a rule of the catalogue
    """A title of a sentence, help in both forms, and a number where it is about security."""
    from gracekeeper.reports.sarif_rules import _descriptor  # noqa: PLC0415 - the rules of a report come with findings

    described = _descriptor(rule, [])
    properties = described["properties"]

    assert described["id"] == rule.id
    assert 0 < len(described["shortDescription"]["text"]) < 1024
    assert 0 < len(described["fullDescription"]["text"]) < 1024
    assert "## What it does" in described["help"]["markdown"]
    assert ".md)" not in described["help"]["markdown"]
    assert ("security-severity" in properties) == ("security" in properties["tags"])
    assert len(properties["tags"]) <= 20
