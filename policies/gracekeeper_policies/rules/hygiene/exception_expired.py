"""An exception has ended, and what it silenced counts again.

## What it does
Compares the last day of each GraceException with today, in UTC. Through that day the exception is in force; from the
next day on it silences nothing.

## Why it matters
Whoever granted the exception set its end on purpose. Until somebody deletes or renews it, the file claims a permission
that nobody has any more.

## What to do
Mend what it excused and delete it, or write a new last day with a reason that still holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.exception import AppliedException

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")


def check(applied: AppliedException) -> Iterator[Finding]:
    """Compare its last day with today."""
    if applied.expired:
        expires = applied.exception.expires
        findings = sum(map(len, applied.met.values()))
        count = f"{findings} finding{'' if findings == 1 else 's'}"
        again = f"; {count} that it would silence count{'s' if findings == 1 else ''}" if findings else ""
        yield Finding(
            ("spec", "expires"),
            f"The exception ended on {expires} and silences nothing{again}.",
            (Advice("delete the exception"), Advice("write a later day in `spec.expires`, if its reason still holds")),
            evidence=(
                Evidence("last day", str(expires), "spec.expires"),
                Evidence("today", str(applied.now), "the clock, UTC"),
            ),
        )


BAD: Final[Mapping[str, str]] = {
    "the last day is over": """
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
          expires: "2026-03-31"  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the last day is still to come": """
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
