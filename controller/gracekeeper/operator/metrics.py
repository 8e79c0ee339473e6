"""What Prometheus reads: how many reviews, how they ended, how long they took, and what went wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

if TYPE_CHECKING:
    from gracekeeper.operator.review import Review

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_OPERATIONS: Final = frozenset({"CREATE", "UPDATE", "DELETE", "CONNECT"})
_OTHER: Final = "other"
_MAX_KINDS: Final = 64


class Metrics:
    """The metrics of one operator, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._kinds: set[str] = set()
        ProcessCollector(registry=self.registry)
        self.reviews = Counter(
            "gracekeeper_reviews",
            "Admission reviews that were answered, by how they ended.",
            ["kind", "operation", "verdict"],
            registry=self.registry,
        )
        self.review_seconds = Histogram(
            "gracekeeper_review_seconds",
            "Time from a review's head to its answer.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.findings = Counter(
            "gracekeeper_findings",
            "Findings in reviewed objects that no exception silences.",
            ["rule", "mode"],
            registry=self.registry,
        )
        self.internal_errors = Counter(
            "gracekeeper_internal_errors",
            "Reviews that could not be judged because of our own failure.",
            ["reason"],
            registry=self.registry,
        )
        self.failed_open = Counter(
            "gracekeeper_failed_open",
            "Reviews that were admitted unjudged because of our own failure.",
            registry=self.registry,
        )
        self.refused_requests = Counter(
            "gracekeeper_refused_requests",
            "Requests that were refused unread or unanswered, by HTTP status.",
            ["port", "status"],
            registry=self.registry,
        )
        self.failed_handshakes = Counter(
            "gracekeeper_failed_handshakes",
            "Connections that ended before TLS was agreed upon.",
            ["port"],
            registry=self.registry,
        )
        self.connections = Gauge(
            "gracekeeper_connections",
            "Open connections.",
            ["port"],
            registry=self.registry,
        )
        self.certificate_expiry = Gauge(
            "gracekeeper_certificate_expiry_timestamp_seconds",
            "When the certificate that the webhook shows expires.",
            registry=self.registry,
        )
        self.policies_changed = Gauge(
            "gracekeeper_policies_changed_timestamp_seconds",
            "When policies or exceptions in force last changed.",
            registry=self.registry,
        )
        for moment in (self.certificate_expiry, self.policies_changed):
            moment.set(math.nan)  # unknown yet; an alert on 0 would fire

    def found(self, rule: str, mode: str) -> None:
        """Count a finding that nothing silences."""
        self.findings.labels(rule, mode).inc()

    def count(self, review: Review, verdict: str) -> None:
        """Count an answered review. Who calls the port chooses its words, so they are bounded here."""
        operation = review.operation if review.operation in _OPERATIONS else _OTHER
        self.reviews.labels(self._kind(review.kind.kind), operation, verdict).inc()

    def _kind(self, kind: str) -> str:
        if kind in self._kinds:
            return kind
        if len(self._kinds) == _MAX_KINDS:
            return _OTHER
        self._kinds.add(kind)
        return kind

    def exposition(self) -> bytes:
        """All of them, in Prometheus' text format."""
        return generate_latest(self.registry)
