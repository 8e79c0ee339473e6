"""What people write in annotations: exemptions (`RULE: reason; RULE: reason`) and declarations, read and checked.

An annotation that cannot be read is reported, never ignored: somebody relies on it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.boundary import Misread, nearest
from gracekeeper_policies.workload import PREFIX, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from gracekeeper_policies.container import Annotation
    from gracekeeper_policies.document import Document

EXEMPT: Final = PREFIX + "exempt"
"""The annotation that silences rules."""

_NAME: Final = re.compile(r"[\w-]{1,60}\Z")

SECONDS: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?\Z")
"""How an annotation in seconds is written."""

_DECLARATIONS: Final = {
    "runtime": (re.compile(r"(?:python|other)\Z"), "expected python or other"),
    "shutdown-seconds": (SECONDS, "expected a number of seconds such as 45"),
    "request-seconds": (SECONDS, "expected a number of seconds such as 45"),
    "startup-seconds": (SECONDS, "expected a number of seconds such as 45"),
}


class Exemptions(Struct, frozen=True):
    """The reasons that silence rules of one workload, by rule id, and the annotations that could not be read."""

    reasons: Mapping[str, str]
    misread: tuple[Misread, ...]

    def suppression(self, rule: str) -> str | None:
        """What silences a rule here, for the report; None where nothing does."""
        reason = self.reasons.get(rule)
        return None if reason is None else f"annotation {PREFIX}exempt: {reason}"


def exemptions_of(workload: Workload, rules: AbstractSet[str]) -> Exemptions:
    """Read a workload's annotations and its template's; both places count."""
    reasons: dict[str, str] = {}
    misread: list[Misread] = []
    for annotation in workload.annotations:
        if annotation.name == EXEMPT:
            for entry in _entries(annotation, rules, workload.document):
                misread += [entry] if isinstance(entry, Misread) else []
                reasons |= {} if isinstance(entry, Misread) else dict([entry])
        else:
            misread += _declaration(annotation, annotation.name.removeprefix(PREFIX), workload)
    return Exemptions(reasons, tuple(misread))


def _entries(
    annotation: Annotation, rules: AbstractSet[str], document: Document
) -> Iterator[tuple[str, str] | Misread]:
    for entry in filter(None, map(str.strip, annotation.text.split(";"))):
        rule, _, reason = (part.strip() for part in entry.partition(":"))
        if rule not in rules:
            yield Misread(document, annotation.path, f"there is no rule {_quoted(rule)}{nearest(rule, rules)}")
        elif reason:
            yield rule, reason


def without_reason(workload: Workload) -> Iterator[tuple[Annotation, str]]:
    """The exemptions that name a rule and nothing else; they silence nothing."""
    for annotation in workload.annotations:
        if annotation.name == EXEMPT:
            entries = (entry.partition(":") for entry in annotation.text.split(";"))
            yield from (
                (annotation, rule.strip()) for rule, _, reason in entries if rule.strip() and not reason.strip()
            )


def _quoted(rule: str) -> str:
    return rule if _NAME.match(rule) else "of that name"


def _declaration(annotation: Annotation, name: str, workload: Workload) -> Iterator[Misread]:
    container, _, declared = name.rpartition(".")
    if declared not in _DECLARATIONS:
        known = {*_DECLARATIONS, "exempt"}
        yield Misread(
            workload.document, annotation.path, f"there is no annotation {annotation.name}{nearest(declared, known)}"
        )
        return
    if container and all(container != each.name for each in workload.containers):
        yield Misread(workload.document, annotation.path, f"there is no container {_quoted(container)}")
    pattern, expected = _DECLARATIONS[declared]
    if not pattern.match(annotation.text):
        yield Misread(workload.document, annotation.path, expected)
