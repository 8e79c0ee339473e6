"""The catalogue: every rule that is on the disk, each with its page, its examples and its public name."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gracekeeper_policies.rules
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import GracePolicy, Profile, Scope
from gracekeeper_policies.rule import HEADINGS, Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.verdict import Verdict

EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
PUBLIC = """
    grace-period-too-short grace-period-zero stop-signal-not-delivered stop-signal-ignored stop-signal-mismatch
    server-cannot-drain shutdown-unbounded drain-delay-missing drain-delay-exceeds-grace pre-stop-ineffective
    request-outlives-drain task-outlives-grace development-server background-process-unsupervised
    readiness-probe-missing liveness-probe-missing liveness-same-as-readiness probe-port-mismatch
    server-bound-to-loopback service-port-mismatch exec-probe-too-slow startup-outlives-liveness
    probe-shares-sole-worker probe-host-set probe-timeout-exceeds-period probe-port-name-unknown
    memory-limit-missing memory-request-missing cpu-request-missing cpu-limit-missing memory-request-below-limit
    request-exceeds-limit workers-exceed-memory workers-exceed-cpu worker-count-from-node
    ephemeral-storage-limit-missing run-as-root non-root-unverifiable privileged-container host-namespace-shared
    host-path-mounted host-port-used capability-added unsafe-proc-mount unsafe-sysctl seccomp-unconfined
    apparmor-unconfined selinux-options-custom windows-host-process privilege-escalation-allowed
    capabilities-not-dropped seccomp-profile-missing volume-type-restricted root-filesystem-writable
    temp-directory-missing service-account-token-mounted image-tag-mutable image-not-pinned musl-python-image
    python-version-unsupported secret-in-plain-env debug-mode-enabled output-buffered
    dependencies-installed-at-start migrations-at-start environment-variable-duplicated service-variable-collision
    required-env-missing thread-pools-unbounded job-unbounded scheduler-not-single rollout-drops-capacity
    single-replica disruption-budget-missing disruption-budget-blocks exception-expired exception-ends-soon
    exception-unused exemption-without-reason configuration-unseen
""".split()


def test_the_catalogue_equals_the_disk() -> None:
    """A rule is added by its file and by one line; neither can be forgotten."""
    folder = Path(gracekeeper_policies.rules.__path__[0])
    files = {(file.parent.name, file.stem) for file in folder.glob("*/*.py") if file.stem != "__init__"}
    assert files == {(rule.concern, rule.id.replace("-", "_")) for rule in RULES}


def test_public_names_are_kept() -> None:
    """Policies, exemptions and SARIF use them, so a release never drops one."""
    assert set(PUBLIC) <= {rule.id for rule in RULES}


def test_a_name_means_one_rule() -> None:
    """Two concerns never share one."""
    assert len(RULES) == len({rule.id for rule in RULES})


def test_concerns_stand_together() -> None:
    """The catalogue reads like a table of contents."""
    concerns = [rule.concern for rule in RULES]
    assert [*dict.fromkeys(concerns)] == [
        each for each, before in zip(concerns, ["", *concerns], strict=False) if each != before
    ]


@EACH
def test_a_rules_name_names_the_fault(rule: Rule) -> None:
    """In lower-case words; the page's title is a sentence."""
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.id)
    assert re.fullmatch(r"[A-Z].{10,100}\.", rule.title)


@EACH
def test_a_rules_page_has_its_parts_in_order(rule: Rule) -> None:
    """What it does, why it matters, what to do: none of them empty."""
    assert list(HEADINGS) == [section.heading for section in rule.sections]
    assert all(re.search(r"\w.*[.`]\Z", section.text, re.DOTALL) for section in rule.sections)


@EACH
def test_a_rule_has_good_and_bad_examples(rule: Rule) -> None:
    """Each named by its situation; a bad one marks the line."""
    assert rule.module.BAD
    assert rule.module.GOOD
    assert all("# finding" in text for text in rule.module.BAD.values())
    assert not any("# finding" in text for text in rule.module.GOOD.values())
    assert all(re.fullmatch(r"\S.{2,70}[^\s.]", name) for name in (*rule.module.BAD, *rule.module.GOOD))


@EACH
def test_a_rule_says_what_it_judges(rule: Rule) -> None:
    """By the type of its check's first parameter."""
    assert isinstance(rule.subject, Subject)


@EACH
def test_a_rule_says_since_when_it_is_there(rule: Rule) -> None:
    """And where to read on, by address."""
    assert re.fullmatch(r"\d+\.\d+", rule.card.since)
    assert all(address.startswith("https://") for address in rule.card.see)


@EACH
def test_parameters_have_a_unit_and_a_meaning(rule: Rule) -> None:
    """And a default, so that a rule works without a policy."""
    for field in dataclasses.fields(rule.parameters) if rule.parameters else ():
        assert isinstance(field.metadata["unit"], str)
        assert len(field.metadata["meaning"]) > 10
        assert field.default is not dataclasses.MISSING


def shown_under(rule: Rule) -> GracePolicy:
    """The policy that a rule's examples mean."""
    parameters = {rule.id: rule.example_parameters} if rule.example_parameters else {}
    return GracePolicy(profile=Profile.STRICT, scope=Scope.ALL, parameters=parameters)


def examples() -> list[tuple[Rule, str, str]]:
    """Every bad example with its rule and its name."""
    return [(rule, name, text) for rule in RULES for name, text in rule.module.BAD.items()]


@pytest.mark.parametrize(
    ("rule", "name", "text"), examples(), ids=[f"{rule.id}: {name}" for rule, name, _ in examples()]
)
def test_a_message_says_what_happens(verdict: Callable[..., Verdict], rule: Rule, name: str, text: str) -> None:
    """In the present tense, with a cure and with evidence; it advises nothing: that is the remedy's part."""
    rulings = verdict(text.replace("# finding", ""), shown_under(rule)).rulings
    findings = [each.finding for each in rulings if each.rule is rule]
    assert findings, name
    for finding in findings:
        assert re.match(r"[A-Z0-9]|\w", finding.message)
        assert finding.message.endswith(".")
        assert not re.search(r"\b(?:should|must|please|will)\b|\s\s|\n", finding.message)
        assert finding.remedy
        assert finding.evidence
        assert finding.severity is None or finding.severity <= rule.card.severity


@pytest.mark.parametrize(
    ("rule", "name", "text"), examples(), ids=[f"{rule.id}: {name}" for rule, name, _ in examples()]
)
def test_a_finding_has_one_place_in_its_own_workload(
    verdict: Callable[..., Verdict], rule: Rule, name: str, text: str
) -> None:
    """A field that decides, whether or not it is written there: what leads to it is no list that is too short."""
    for ruling in verdict(text.replace("# finding", ""), shown_under(rule)).rulings:
        if ruling.rule is rule:
            values: object = ruling.document.values
            for step in ruling.finding.at:
                if isinstance(step, int):
                    assert isinstance(values, list), name
                    values = values[step]
                else:
                    values = values.get(step, {}) if isinstance(values, dict) else {}
