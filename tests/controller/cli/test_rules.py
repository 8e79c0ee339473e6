"""`gracekeeper rules`, as people call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Run = Callable[..., Any]


def test_catalogue_names_every_rule(run: Run) -> None:
    """Each rule has a line with its severity and its profile."""
    ran = run("rules")
    lines = {line.split()[0]: line.split() for line in ran.out.splitlines() if line.startswith("  ")}

    assert ran.status == 0
    assert [
        rule.id for rule in RULES if lines[rule.id][1:3] != [rule.card.severity.label, rule.card.profile.label]
    ] == []


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_rule_has_a_page(run: Run, rule: str) -> None:
    """A page says what, why and what to do, with a bad and a good example."""
    ran = run("rules", rule)

    assert ran.status == 0
    for heading in ("What it does", "Why it matters", "What to do", "Bad: ", "Good: "):
        assert f"\n{heading}" in ran.out


def test_page_names_parameters_with_unit_and_default(run: Run) -> None:
    """What a policy may set stands on the page."""
    assert "marginSeconds (int, in s; default 2): " in run("rules", "grace-period-too-short").out


def test_unknown_rule_is_status_2_with_the_nearest(run: Run) -> None:
    """A mistyped rule is answered with those it may have meant."""
    ran = run("rules", "grace-period-to-short")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("gracekeeper: there is no rule grace-period-to-short. Near: grace-period-too-short")


def test_rule_unlike_any_other_is_status_2(run: Run) -> None:
    """Where nothing is near, the list is."""
    assert run("rules", "xyz").err == "gracekeeper: there is no rule xyz. `gracekeeper rules` lists them.\n"
