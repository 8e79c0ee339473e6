"""What every report is made from: a verdict, the places of its findings, and what kept the rest from being judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from gracekeeper.jobs import ALONE, Jobs
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gracekeeper.sources.edits import Passage
    from gracekeeper.sources.positions import Span
    from gracekeeper.sources.problems import Skipped
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.finding import Severity
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.verdict import Ruling, Verdict


class Places(Protocol):
    """Where documents stand in their texts."""

    def locate(self, document: Document, path: Path) -> Span | None:
        """Where the value at `path` stands, or its deepest ancestor that is written; None where there is no text."""

    def passage(self, document: Document) -> Passage | None:
        """The text of a document, to change it; None where there is none."""

    def line_text(self, origin: str, line: int) -> str:
        """A line of a text, counted from 1, without its newline; empty where there is none."""


class Baselined(Struct, frozen=True):
    """What came of a baseline: how many findings its file knows, and how many of those it had are found no more."""

    file: str
    findings: int
    gone: int


@dataclass(frozen=True)
class Report:
    """A verdict with all that a reader is told about it.

    `problems` are sorted; `unreadable` counts the documents that could not be read, `not_kubernetes` the files without
    an object. `namespace` is that of objects which name none. `policies` are those that hold: none where what was asked
    could not be read. `policy_files` hold them, none where it is the built-in one; `rules` counts those that apply;
    `baseline` says what came of one; `jobs` share the work of writing.
    """

    verdict: Verdict
    places: Places
    problems: tuple[Problem, ...] = ()
    unreadable: int = 0
    skipped: tuple[Skipped, ...] = ()
    not_kubernetes: int = 0
    namespace: str = "default"
    policies: tuple[GracePolicy, ...] = (STANDARD,)
    policy_files: tuple[str, ...] = ()
    rules: int = 0
    baseline: Baselined | None = None
    jobs: Jobs = ALONE

    @cached_property
    def found(self) -> tuple[Ruling, ...]:
        """The rulings that count: those that nothing silences."""
        return tuple(ruling for ruling in self.verdict.rulings if ruling.suppressed is None)

    @cached_property
    def suppressed(self) -> tuple[Ruling, ...]:
        """The rulings that an exception, an exemption or a baseline silences."""
        return tuple(ruling for ruling in self.verdict.rulings if ruling.suppressed is not None)

    @cached_property
    def fingerprints(self) -> dict[Ruling, str]:
        """What each ruling is called in every report that follows findings from one run to the next."""
        from gracekeeper_policies.fingerprint import fingerprints  # noqa: PLC0415 - a text for people does without

        return fingerprints(self.verdict.rulings)

    def count(self, severity: Severity) -> int:
        """How many findings weigh this much."""
        return sum(ruling.severity is severity for ruling in self.found)

    def place(self, document: Document, path: Path) -> str:
        """`deploy.yaml:14:7`; the file alone where no place can be named."""
        span = self.places.locate(document, path)
        return f"{document.origin}:{span.line}:{span.column}" if span else document.origin


def misread_problems(misread: Iterable[Misread], places: Places) -> list[Problem]:
    """Fields and annotations that could not be read, each with its place."""
    return [_problem(field, places) for field in misread]


def _problem(field: Misread, places: Places) -> Problem:
    span = places.locate(field.document, field.path)
    line, column = (span.line, span.column) if span else (0, 0)
    where = next((str(step) for step in reversed(field.path) if isinstance(step, str)), "")
    message = f"{where}: {field.message}" if where else field.message
    return Problem(field.document.origin, line, column, message)


def count_unreadable(problems: Sequence[Problem], misread: Sequence[Misread], verdict: Verdict) -> int:
    """How many documents could not be read: what is no Kubernetes object, and objects with misread fields.

    A workload whose annotation cannot be read is judged all the same, and does not count.
    """
    judged = {each.document for each in (*verdict.judged, *verdict.out_of_scope)}
    return len(problems) + len({field.document for field in misread} - judged)
