"""What people write in annotations: exemptions (`RULE: reason; RULE: reason`) and declarations, read and checked.

An annotation that cannot be read is reported, never ignored: somebody relies on it.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.boundary import Misread
from gracekeeper_policies.workload import PREFIX, Annotation, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from gracekeeper_policies.document import Document

SECONDS: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?\Z")
"""How an annotation in seconds is written."""

_DECLARATIONS: Final = {
    "runtime": (re.compile(r"(?:python|other)\Z"), "expected python or other"),
    "shutdown-seconds": (SECONDS, "expected a number of seconds such as 45"),
    "request-seconds": (SECONDS, "expected a number of seconds such as 45"),
    "startup-seconds": (SECONDS, "expected a number of seconds such as 45"),
}


@dataclass(frozen=True)
class Exemptions:
    """The reasons that silence rules of one workload, by rule id, and the annotations that could not be read."""

    reasons: Mapping[str, str]
    misread: tuple[Misread, ...]

    def suppression(self, rule: str) -> str | None:
        """What silences a rule here, for the report; None where nothing does."""
        reason = self.reasons.get(rule)
        return None if reason is None else f"annotation {PREFIX}exempt: {reason}"


NONE: Final = Exemptions({}, ())


def exemptions_of(workload: Workload, rules: AbstractSet[str]) -> Exemptions:
    """Read a workload's annotations and its template's; both places count."""
    reasons: dict[str, str] = {}
    misread: list[Misread] = []
    for annotation in workload.annotations:
        name = annotation.name.removeprefix(PREFIX)
        if name == "exempt":
            for entry in _entries(annotation, rules, workload.document):
                misread += [entry] if isinstance(entry, Misread) else []
                reasons |= {} if isinstance(entry, Misread) else dict([entry])
        else:
            misread += _declaration(annotation, name, workload)
    return Exemptions(reasons, tuple(misread))


def _entries(
    annotation: Annotation, rules: AbstractSet[str], document: Document
) -> Iterator[tuple[str, str] | Misread]:
    for entry in filter(None, map(str.strip, annotation.text.split(";"))):
        rule, _, reason = (part.strip() for part in entry.partition(":"))
        if rule not in rules:
            yield Misread(document, annotation.path, f"there is no rule {_quoted(rule)}{nearest(rule, rules)}")
        elif not reason:
            yield Misread(
                document, annotation.path, f"the exemption from {rule} gives no reason; expected `{rule}: reason`"
            )
        else:
            yield rule, reason


def _quoted(rule: str) -> str:
    return rule if re.match(r"[\w-]{1,60}\Z", rule) else "of that name"


def nearest(name: str, known: AbstractSet[str]) -> str:
    """`; did you mean X?`, or nothing where no known name is near."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


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
