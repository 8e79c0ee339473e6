"""Selectors that Kubernetes refuses, and those that can never match."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper.policyfiles.models import Selector
from gracekeeper.policyfiles.selectors import faults
from gracekeeper_policies.document import render_path
from gracekeeper_policies.neighbours import matches

VALUES = ("a", "b", "c")
REQUIREMENT = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.just("tier"),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(VALUES), min_size=1, max_size=3, unique=True),
        }
    ),
    st.fixed_dictionaries({"key": st.just("tier"), "operator": st.sampled_from(["Exists", "DoesNotExist"])}),
)


def told(**values: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a selector as it is written
    """What is wrong with a selector, by place."""
    return [(render_path(path), message) for path, message in faults(Selector.model_validate(values))]


def one(**requirement: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """What is wrong with a selector of one expression."""
    return told(matchExpressions=[requirement])


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"matchLabels": {"app.kubernetes.io/name": "web", "tier": ""}},
        {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a"]}]},
        {"matchExpressions": [{"key": "tier", "operator": "Exists"}, {"key": "app", "operator": "DoesNotExist"}]},
        {"matchLabels": {"tier": "a"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]},
    ],
)
def test_what_can_match_is_right(values: dict[str, Any]) -> None:
    """Also what matches only rarely."""
    assert [] == told(**values)


def test_no_selector_is_right() -> None:
    """It asks nothing."""
    assert [] == list(faults(None))


def test_an_expression_has_the_values_that_its_operator_takes() -> None:
    """In and NotIn need some, the others take none."""
    assert [("matchExpressions[0].values", "In needs at least one value")] == one(key="a", operator="In")
    assert [("matchExpressions[0].values", "NotIn needs at least one value")] == one(
        key="a", operator="NotIn", values=[]
    )
    assert [("matchExpressions[0].values", "Exists takes no values")] == one(key="a", operator="Exists", values=["b"])


@pytest.mark.parametrize("key", ["", "a b", "-a", "a/", "/a", "A.b/c", "a/b/c", "x" * 64, "é"])
def test_what_is_no_labels_key_never_matches(key: str) -> None:
    """No object can bear it."""
    ((place, message),) = one(key=key, operator="Exists")
    assert "matchExpressions[0].key" == place
    assert message.startswith("is no label's key, so the selector never matches")
    assert told(matchLabels={key: "x"})[0][1] == message


@pytest.mark.parametrize("value", ["a b", "-a", "a-", "x" * 64, "a/b"])
def test_what_is_no_labels_value_never_matches(value: str) -> None:
    """The same."""
    ((place, message),) = one(key="a", operator="In", values=["b", value])
    assert "matchExpressions[0].values[1]" == place
    assert message.startswith("is no label's value, so the selector never matches")
    assert told(matchLabels={"a": value})[0][1] == message


def test_a_contradiction_is_told_where_the_last_value_goes() -> None:
    """Labels come before expressions."""
    never = "never matches: together with the requirements before it, it leaves no value for tier"
    expressions = [
        {"key": "app", "operator": "Exists"},
        {"key": "tier", "operator": "NotIn", "values": ["a"]},
        {"key": "tier", "operator": "DoesNotExist"},
    ]
    assert [("matchExpressions[1]", never)] == told(matchLabels={"tier": "a"}, matchExpressions=expressions)


@given(st.lists(REQUIREMENT, max_size=5), st.sampled_from([None, *VALUES]))
def test_a_selector_contradicts_itself_if_nothing_matches_it(
    expressions: list[dict[str, Any]], label: str | None
) -> None:
    """Tried with a label that has every value, another one, and none."""
    values = {"matchExpressions": expressions, "matchLabels": {} if label is None else {"tier": label}}
    selector = Selector.model_validate(values)
    objects: list[dict[str, str]] = [{}, *({"tier": value} for value in itertools.chain(VALUES, ["other"]))]
    assert any(matches(selector.plain, labels) for labels in objects) == (not list(faults(selector)))
