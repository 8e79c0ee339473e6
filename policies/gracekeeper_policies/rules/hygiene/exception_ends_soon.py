"""An exception is about to end, and what it silences will count again.

## What it does
Counts the days from today, in UTC, to the last day of each GraceException that is in force, and the findings among what
was read that nothing silences longer. It speaks thirty days ahead, and is a note: whoever fails for errors or warnings
passes until the last day is over.

## Why it matters
The morning after the last day, a pipeline fails and a webhook denies what passed the day before, though nobody changed
anything. Thirty days are enough to mend it first, or to renew the exception on purpose.

## What to do
Mend what the exception silences and delete it, or write a later day if its reason still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.exception import AppliedException

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STANDARD, since="0.1")


@dataclass(frozen=True)
class Parameters:
    """What a policy may set."""

    days: int = parameter(30, "days", "how long before its last day an exception is reported")


def check(applied: AppliedException, parameters: Parameters) -> Iterator[Finding]:
    """Count the days that it has left."""
    if 0 <= applied.days_left <= parameters.days:
        expires = applied.exception.expires
        yield Finding(
            ("spec", "expires"),
            f"The exception ends {_when(applied.days_left)}, on {expires}{_what(applied)}.",
            (
                Advice("mend what the exception silences, and delete it"),
                Advice("write a later day in `spec.expires`, if its reason still holds"),
            ),
            evidence=(
                Evidence("last day", str(expires), "spec.expires"),
                Evidence("today", str(applied.now), "the clock, UTC"),
            ),
        )


def _when(days: int) -> str:
    return ("today", "tomorrow")[days] if days <= 1 else f"in {days} days"


def _what(applied: AppliedException) -> str:
    counts = {rule: len(applied.held[rule]) for rule in applied.exception.rules if rule in applied.held}
    findings = sum(counts.values())
    if not findings:
        return "; nothing that was read counts again"
    counted = "1 finding that it silences counts" if findings == 1 else f"{findings} findings that it silences count"
    rules = ", ".join(f"{number} of {rule}" for rule, number in counts.items())
    return f", and {counted} again: {rules}"


BAD: Final[Mapping[str, str]] = {
    "three weeks are left": """
        containers:
        - {name: web, image: "shop/web", command: [gunicorn, --graceful-timeout=20, "app:app"]}
        ---
        apiVersion: gracekeeper.dev/v1alpha1
        kind: GraceException
        metadata: {name: untagged, namespace: shop}
        spec:
          rules: [image-tag-mutable]
          match: {names: [web]}
          reason: the registry moves in spring
          expires: "2026-12-13"  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "there is time": """
        containers:
        - {name: web, image: "shop/web", command: [gunicorn, --graceful-timeout=20, "app:app"]}
        ---
        apiVersion: gracekeeper.dev/v1alpha1
        kind: GraceException
        metadata: {name: untagged, namespace: shop}
        spec:
          rules: [image-tag-mutable]
          match: {names: [web]}
          reason: the registry moves in spring
          expires: "2099-03-31"
    """,
}
