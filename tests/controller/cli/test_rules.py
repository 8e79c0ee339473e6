"""`gracekeeper rules`, as people call it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
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


def test_search_ranks_what_speaks_of_the_words(run: Run) -> None:
    """A word in the id weighs most, and every word has to be met; a plural finds the singular."""
    found = _listed(run("rules", "--search", "memory limits").out)

    assert {"memory-limit-missing", "memory-request-below-limit"} == set(found[:2])
    assert "run-as-root" not in found


def test_search_takes_the_pages_into_account(run: Run) -> None:
    """What stands only on a page is found too."""
    assert "run-as-root" in _listed(run("rules", "--search", "kubelet").out)


def test_filters_narrow_the_catalogue(run: Run) -> None:
    """Concern, severity and profile leave those that have all of them; what a profile asks for holds the lower ones."""
    listed = _listed(run("rules", "--concern", "probes", "--severity", "error", "--profile", "standard").out)
    expected = [
        rule.id
        for rule in RULES
        if (rule.concern, rule.card.severity.label) == ("probes", "error") and rule.card.profile.label != "strict"
    ]

    assert expected == listed


def test_the_catalogue_is_there_for_programs(run: Run) -> None:
    """JSON has what a page has but the examples."""
    content = json.loads(run("rules", "--format", "json").out)
    own = next(rule for rule in content["rules"] if rule["id"] == "grace-period-too-short")

    assert [rule.id for rule in RULES] == [rule["id"] for rule in content["rules"]]
    assert (content["version"], own["concern"], own["severity"]) == (1, "shutdown", "error")
    assert own["parameters"][0] | {"meaning": ""} == {
        "name": "marginSeconds",
        "type": "int",
        "unit": "s",
        "default": 2,
        "meaning": "",
    }
    assert json.loads(run("rules", "--format=json", "run-as-root").out)["rules"][0]["id"] == "run-as-root"


def test_nothing_found_is_status_2(run: Run) -> None:
    """A search that finds nothing is said on standard error."""
    ran = run("rules", "--search", "zeppelin")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "gracekeeper: no rule speaks of zeppelin. `gracekeeper rules` lists them all.\n"


def test_a_rule_is_not_searched_for_by_two_ways(run: Run) -> None:
    """A name and a search contradict each other."""
    assert run("rules", "run-as-root", "--search", "root").status == 2


def test_a_part_of_a_name_is_answered_with_the_rules_that_have_it(run: Run) -> None:
    """Who remembers one word of a rule finds it; the rules whose pages have the word come behind."""
    said = "gracekeeper: there is no rule loopback. Near: server-bound-to-loopback"
    assert run("rules", "loopback").err.startswith(said)


def test_a_long_list_goes_to_the_pager_on_a_terminal(tmp_path: Path) -> None:
    """As git does: only on a terminal, and only what does not fit on it."""
    page = tmp_path / "page"
    page.write_text(f"#!/bin/sh\ncat > {tmp_path}/paged\n")
    page.chmod(0o755)

    assert (_on_terminal(str(page), "rules", "run-as-root", lines=500), (tmp_path / "paged").exists()) == (0, False)
    assert _on_terminal(str(page), "rules", lines=10) == 0
    assert "run-as-root" in (tmp_path / "paged").read_text()


def _on_terminal(pager: str, *arguments: str, lines: int) -> int:
    ours, theirs = pty.openpty()
    environment = os.environ | {"PAGER": pager, "COLUMNS": "100", "LINES": str(lines), "TERM": "xterm"}
    command = [sys.executable, "-m", "gracekeeper", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, env=environment) as process:
        os.close(theirs)
        with contextlib.suppress(OSError):  # Linux' way to say that nobody writes any more
            while os.read(ours, 4096):
                pass
    os.close(ours)
    return process.returncode


def _listed(out: str) -> list[str]:
    ids = {rule.id for rule in RULES}
    first = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    return [word for word in first if word in ids]
