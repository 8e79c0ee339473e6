"""The built-in policy as a file: it reads back to the built-in one, and everything in it can be switched on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gracekeeper.policyfiles.starter import starter
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.policyfiles.reading import PolicySet

    Said = Callable[[str], PolicySet]

STARTER = starter(RULES)


def test_it_reads_back_to_the_built_in_policy(said: Said) -> None:
    """Who saves it unchanged changes nothing."""
    assert [STANDARD] == said(STARTER).policies


def test_everything_that_is_switched_off_can_be_switched_on(said: Said) -> None:
    """Each rule with its parameters, which are the rule's own defaults."""
    found = said(re.sub(r"^( *)#(\S|  )", r"\1\2", STARTER, flags=re.MULTILINE))
    assert [] == found.misread
    (policy,) = found.policies
    assert [rule.id for rule in RULES] == list(policy.modes)
    assert {rule.id: rule.parameters() for rule in RULES if rule.parameters} == policy.parameters
    assert policy.match != STANDARD.match
    assert policy.pod_templates


def test_it_explains_every_field_and_every_rule() -> None:
    """In lines that fit a screen."""
    assert max(map(len, STARTER.splitlines())) <= 120
    assert STARTER.count("#") > 2 * len(RULES)
    assert all(f"    #{rule.id}: {{mode: " in STARTER for rule in RULES)
