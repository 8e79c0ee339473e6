"""reviewdog's diagnostics (`rdjson`): comments at the lines of a pull request, with suggestions that can be applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from gracekeeper.reports.fixes import fixes
from gracekeeper.reports.sentences import sentences
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.sources.edits import Edit
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.verdict import Ruling

_SEVERITIES: Final = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def rdjson(report: Report, root: Root) -> str:
    """Write what counts and what could not be read; the format has no word for what is silenced."""
    content = {
        "source": {"name": "gracekeeper"},
        "diagnostics": [
            *(_problem(problem, root) for problem in report.problems),
            *_diagnostics(report, root),
        ],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _diagnostics(report: Report, root: Root) -> Iterator[msgspec.Raw]:
    def part(rulings: Sequence[Ruling]) -> list[bytes]:
        return [msgspec.json.encode(_diagnostic(ruling, report, root)) for ruling in rulings]

    for diagnostics in report.jobs.share(part, report.found, "Writing"):
        yield from map(msgspec.Raw, diagnostics)


def _diagnostic(ruling: Ruling, report: Report, root: Root) -> dict[str, Any]:
    return {
        "message": f"{ruling.identity}: {sentences(ruling.finding)}",
        "location": _location(ruling.document, ruling.finding.at, report, root),
        "severity": _SEVERITIES[ruling.severity],
        "code": {"value": ruling.rule.id},
        "suggestions": _suggestions(ruling, report),
        "related_locations": [
            {"message": related.message, "location": _location(related.document, related.path, report, root)}
            for related in ruling.finding.related
        ],
    }


def _location(document: Document, path: Path, report: Report, root: Root) -> dict[str, Any]:
    origin, span = document.origin, report.places.locate(document, path)
    if span is None:
        return {"path": root.path(origin)}
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    return {"path": root.path(origin), "range": _range(origin, start, end, report)}


def _suggestions(ruling: Ruling, report: Report) -> list[dict[str, Any]]:
    """The first alternative alone: a reviewer could apply all, and a diagnostic has one file."""
    own = (fix.edit for fix in fixes(ruling, report) if fix.document is ruling.document)
    return [_suggestion(edit, ruling.document.origin, report) for edit in list(own)[:1]]


def _suggestion(edit: Edit, origin: str, report: Report) -> dict[str, Any]:
    start, end = (edit.line, edit.column), (edit.end_line, edit.end_column)
    return {"range": _range(origin, start, end, report), "text": edit.text}


def _range(origin: str, start: tuple[int, int], end: tuple[int, int], report: Report) -> dict[str, Any]:
    return {"start": _position(origin, *start, report), "end": _position(origin, *end, report)}


def _position(origin: str, line: int, column: int, report: Report) -> dict[str, int]:
    # reviewdog counts bytes of UTF-8.
    before = report.places.line_text(origin, line)[: column - 1]
    return {"line": line, "column": len(before.encode()) + 1}


def _problem(problem: Problem, root: Root) -> dict[str, Any]:
    place = {"range": {"start": {"line": problem.line}}} if problem.line else {}
    return {
        "message": problem.message,
        "location": {"path": root.path(problem.file), **place},
        "severity": "ERROR",
        "code": {"value": "unreadable"},
    }
