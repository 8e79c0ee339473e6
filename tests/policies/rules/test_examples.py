"""Every rule's own examples: BAD is found on its marked line, GOOD is silent under all rules of its concern."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from gracekeeper.policyfiles.reading import Reader
from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy

if TYPE_CHECKING:
    from pathlib import Path

    from gracekeeper.sources.input import Input
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.verdict import Verdict

NOW = date(2026, 11, 22)

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
"""
BY_ID = {rule.id: rule for rule in RULES}
BAD = [(rule.id, name) for rule in RULES for name in rule.module.BAD]
GOOD = [(rule.id, name) for rule in RULES for name in rule.module.GOOD]


def manifest(fragment: str) -> str:
    """A pod-spec fragment, inside the base workload, or a whole one; documents behind `---` stand beside it."""
    spec, *neighbours = textwrap.dedent(fragment).strip("\n").split("\n---\n")
    workload = spec if spec.startswith("apiVersion:") else BASE + textwrap.indent(spec, " " * 6)
    return "\n---\n".join([workload, *neighbours]) + "\n"


def judged(text: str, rules: list[Rule], folder: Path, shown: Rule) -> tuple[Verdict, Input]:
    """The verdict on a manifest under profile and parameters of the rule shown, and the input that finds its lines."""
    parameters = {shown.id: shown.example_parameters} if shown.example_parameters else {}
    policy = GracePolicy(name="test", profile=shown.card.profile, parameters=parameters)
    file = folder / "manifest.yaml"
    file.write_text(text)
    source = read([str(file)])
    assert source.problems == ()
    neighbours, misread = neighbours_among(source.documents)
    assert misread == ()
    reader = Reader(RULES, "default")
    reader.take(document for document in source.documents if document.kind == "GraceException")
    exceptions = reader.result.exceptions
    verdict = judge(
        source.documents,
        policies=[policy],
        rules=RULES,  # exceptions and exemptions name others than the one in question
        neighbours=neighbours,
        now=NOW,
        exceptions=exceptions,
    )
    assert verdict.misread == ()
    return replace(verdict, rulings=tuple(each for each in verdict.rulings if each.rule in rules)), source


def marked_lines(text: str) -> set[int]:
    """The lines that carry `# finding`, from 1; a comment of its own stands for the line above it."""
    lines = enumerate(text.splitlines(), 1)
    return {number - (line.strip() == "# finding") for number, line in lines if line.rstrip().endswith("# finding")}


@pytest.mark.parametrize(("rule", "name"), BAD, ids=[f"{rule}: {name}" for rule, name in BAD])
def test_a_bad_example_is_found_on_its_marked_line(rule: str, name: str, tmp_path: Path) -> None:
    """One rule at a time, so that a new rule breaks no old example."""
    text = manifest(BY_ID[rule].module.BAD[name])
    verdict, source = judged(text, [BY_ID[rule]], tmp_path, BY_ID[rule])
    spans = [source.locate(ruling.document, ruling.finding.at) for ruling in verdict.rulings]
    assert {span.line for span in spans if span} == marked_lines(text)
    assert all(ruling.finding.remedies for ruling in verdict.rulings)


@pytest.mark.parametrize(("rule", "name"), GOOD, ids=[f"{rule}: {name}" for rule, name in GOOD])
def test_a_good_example_is_silent_under_its_whole_concern(rule: str, name: str, tmp_path: Path) -> None:
    """What one page recommends no neighbouring page may forbid, unless it is only a suspicion, or asks for more."""
    own_profile = BY_ID[rule].card.profile
    concern = [other for other in RULES if other.concern == BY_ID[rule].concern and other.card.profile <= own_profile]
    """What one page recommends no neighbouring page of its profile may forbid, unless it is only a suspicion."""
    concern = [other for other in RULES if other.concern == BY_ID[rule].concern]
    verdict, _ = judged(manifest(BY_ID[rule].module.GOOD[name]), concern, tmp_path, BY_ID[rule])
    own = [ruling for ruling in verdict.rulings if ruling.rule.id == rule]
    proven = [ruling for ruling in verdict.rulings if ruling.finding.certainty.value == "proven"]
    assert [(ruling.rule.id, ruling.finding.message) for ruling in own + proven] == []
