"""An exception silences nothing, because nobody needs it any more.

## What it does
Looks for rules of a GraceException that judged the workloads it means and found nothing, and for exceptions that mean
none of the workloads of their namespace. What only a part of the manifests shows is suspected: another workload may
need the exception. It is proven where `match.names` gives full names and all of these workloads were judged.

## Why it matters
An exception that excuses nothing today silences the same fault tomorrow, when somebody brings it back unseen.

## What to do
Take the rule out of the exception, or delete the exception.
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
    """Ask the exception what it was needed for."""
    if applied.expired:
        return
    if applied.names:
        yield from (_unneeded(rule, applied) for rule in applied.unneeded)
    elif applied.surrounded:
        yield _of_nobody(applied)


def _unneeded(rule: str, applied: AppliedException) -> Finding:
    at = ("spec", "rules", applied.exception.rules.index(rule))
    alone = len(applied.exception.rules) == 1
    remedy = "delete the exception" if alone else f"take {rule} out of `spec.rules`"
    count = len(applied.names)
    return Finding(
        at,
        f"The exception silences nothing of {rule}: it means {count} workload{'' if count == 1 else 's'} here, "
        f"and the rule finds nothing in {'it' if count == 1 else 'them'}.",
        (Advice(remedy),),
        "" if applied.sees_all_it_means else "another workload, which was not read, may need it",
        evidence=(Evidence("findings of the rule", "0", ", ".join(sorted(applied.names)[:3])),),
    )


def _of_nobody(applied: AppliedException) -> Finding:
    namespace = applied.exception.identity.namespace
    return Finding(
        ("spec", "match"),
        f"The exception silences nothing: no workload of the namespace {namespace} matches it.",
        (Advice("delete the exception"), Advice("mend `spec.match`, if it is meant for a workload")),
        "" if applied.complete else "a workload that was not read may match",
        evidence=(Evidence("workloads that match", "0", f"namespace {namespace}"),),
    )


BAD: Final[Mapping[str, str]] = {
    "the fault was mended": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --graceful-timeout=20, "app:app"]}
        ---
        apiVersion: gracekeeper.dev/v1alpha1
        kind: GraceException
        metadata: {name: untagged, namespace: shop}
        spec:
          rules:
          - image-tag-mutable  # finding
          match: {names: [web]}
          reason: the registry moves in spring
          expires: "2099-03-31"
    """,
    "the workload has another name now": """
        containers:
        - {name: web, image: "shop/web", command: [gunicorn, --graceful-timeout=20, "app:app"]}
        ---
        apiVersion: gracekeeper.dev/v1alpha1
        kind: GraceException
        metadata: {name: untagged, namespace: shop}
        spec:
          rules: [image-tag-mutable]
          match: {names: [api]}  # finding
          reason: the registry moves in spring
          expires: "2099-03-31"
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the rule still finds something": """
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
