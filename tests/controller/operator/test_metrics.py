"""Metrics are few, whatever comes in."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper.operator.metrics import Metrics
from gracekeeper.operator.review import GroupVersionKind, GroupVersionResource, Review, UserInfo

REVIEW = Review("1", GroupVersionKind("apps", "v1", "Deployment"), GroupVersionResource(), "UPDATE", UserInfo())


def test_a_review_is_counted_by_kind_operation_and_verdict() -> None:
    """These are what people ask for first."""
    metrics = Metrics()
    metrics.count(REVIEW, "warned")
    labels = {"kind": "Deployment", "operation": "UPDATE", "verdict": "warned"}
    assert 1 == metrics.registry.get_sample_value("gracekeeper_reviews_total", labels)


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=300, unique=True))
def test_words_of_strangers_make_no_endless_metrics(words: list[tuple[str, str]]) -> None:
    """Each new label value would be kept for ever."""
    metrics = Metrics()
    for kind, operation in words:
        metrics.count(msgspec.structs.replace(REVIEW, kind=GroupVersionKind(kind=kind), operation=operation), "allowed")
    (reviews,) = metrics.reviews.collect()
    assert len(reviews.samples) <= 2 * (64 + 1) * 5
