"""Whom a policy or an exception means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.boundary import typed
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.neighbourspec import LabelSelector
from gracekeeper_policies.selection import EVERYTHING, NAME_LABEL, Match

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.workload import Workload

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-eu, namespace: shop, labels: {tier: front}}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "shop/web:1"}]}}}
"""


def labels(**wanted: str) -> LabelSelector:
    """A selector on labels."""
    return typed(LabelSelector, {"matchLabels": wanted})


@pytest.mark.parametrize(
    ("match", "meant"),
    [
        (EVERYTHING, True),
        (Match(kinds=frozenset({"Job", "Deployment"})), True),
        (Match(kinds=frozenset({"Job"})), False),
        (Match(names=("api", "web-*")), True),
        (Match(names=("web-?",)), False),
        (Match(names=("web",)), False),
        (Match(object_selector=labels(tier="front")), True),
        (Match(object_selector=labels(app="web")), False),
        (Match(object_selector=LabelSelector()), True),
        (Match(kinds=frozenset({"Deployment"}), names=("api",)), False),
    ],
)
def test_a_workload_is_meant_by_all_that_is_said(
    workload: Callable[[str], Workload], match: Match, *, meant: bool
) -> None:
    """By kind, name and its own labels, not by those of its pods."""
    assert meant == match.means(workload(WEB))


IN_SIGHT = Neighbours(namespaces={"shop": {"team": "a"}})


@pytest.mark.parametrize(
    ("wanted", "neighbours", "meant"),
    [
        ({"team": "a"}, IN_SIGHT, True),
        ({"team": "b"}, IN_SIGHT, False),
        ({"team": "a"}, Neighbours(), None),
        ({"team": "a"}, Neighbours(complete=True), False),
        ({}, Neighbours(), True),
        ({NAME_LABEL: "shop"}, Neighbours(), True),
        ({NAME_LABEL: "bank"}, Neighbours(), False),
        ({NAME_LABEL: "bank", "team": "a"}, Neighbours(), False),
        ({NAME_LABEL: "shop", "team": "a"}, Neighbours(), None),
        ({NAME_LABEL: "shop", "team": "a"}, IN_SIGHT, True),
    ],
)
def test_a_namespace_is_meant_by_its_labels_or_undecided_without(
    wanted: Mapping[str, str], neighbours: Neighbours, *, meant: bool | None
) -> None:
    """Its name is a label that every namespace has, so that much is known of one that is not in sight."""
    match = Match(namespace_selector=labels(**wanted))
    assert meant is match.means_namespace("shop", neighbours)


def test_without_a_selector_every_namespace_is_meant() -> None:
    """In sight or not."""
    assert EVERYTHING.means_namespace("shop", Neighbours()) is True
