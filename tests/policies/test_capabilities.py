"""Capabilities: what a process gains by each, by the name that Kubernetes gives it."""

from __future__ import annotations

import pytest

from gracekeeper_policies.capabilities import ORDINARY, plain, power


@pytest.mark.parametrize("name", ["NET_RAW", "CAP_NET_RAW", "cap_net_raw", "net_raw"])
def test_a_capability_has_one_plain_name(name: str) -> None:
    """In capitals and without the kernel's prefix."""
    assert "NET_RAW" == plain(name)


@pytest.mark.parametrize("name", [*ORDINARY, "SYS_ADMIN", "ALL"])
def test_a_known_capability_has_a_power_of_its_own(name: str) -> None:
    """The sentence for the unknown ones is for those alone."""
    assert power(name) != power("SOMETHING_NEW")


def test_the_ordinary_ones_are_those_that_the_baseline_level_allows() -> None:
    """Thirteen; NET_RAW is not among them."""
    assert 13 == len(ORDINARY)
    assert "NET_RAW" not in ORDINARY
