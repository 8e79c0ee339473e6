"""The report for programs: version 1 of the public JSON. Fields may be added within a version, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from gracekeeper_policies.document import render_path
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper.reports.report import Baselined, Report
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.finding import Related
    from gracekeeper_policies.verdict import Ruling

VERSION: Final = 1


def json_text(report: Report) -> str:
    """Write the whole report as one JSON object."""
    content = {
        "version": VERSION,
        "summary": _summary(report),
        "findings": _findings(report),
        "baseline": _baseline(report.baseline),
        "problems": [problem_json(problem) for problem in report.problems],
        "skipped": [{"file": skipped.file, "reason": skipped.reason} for skipped in report.skipped],
    }
    # Writes as the standard library does, many times faster.
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _summary(report: Report) -> dict[str, Any]:
    return {
        "documents": report.verdict.documents,
        "workloads": len(report.verdict.judged),
        "findings": {severity.label: report.count(severity) for severity in sorted(Severity, reverse=True)},
        "unreadable": report.unreadable,
        "suppressed": len(report.suppressed),
    }


def _baseline(known: Baselined | None) -> dict[str, Any] | None:
    return {"file": known.file, "known": known.findings, "gone": known.gone} if known else None


def _findings(report: Report) -> list[msgspec.Raw]:
    # As bytes at once: thousands of findings would take four times the room as mappings.
    def part(rulings: Sequence[Ruling]) -> list[bytes]:
        return [msgspec.json.encode(finding_json(ruling, report)) for ruling in rulings]

    _ = report.fingerprints  # those that are alike are counted over the whole report
    shared = report.jobs.share(part, report.verdict.rulings, "Writing")
    return [msgspec.Raw(finding) for findings in shared for finding in findings]


def finding_json(ruling: Ruling, report: Report) -> dict[str, Any]:
    """One finding."""
    finding, document = ruling.finding, ruling.document
    return {
        "rule": ruling.rule.id,
        "severity": ruling.severity.label,
        "mode": ruling.mode.value,
        "certainty": finding.certainty.value,
        "doubt": finding.doubt or None,
        "message": finding.message,
        "remedy": finding.remedy,
        "workload": object_json(ruling.identity) if ruling.judged else None,
        "container": ruling.container_name,
        "path": render_path(finding.at),
        "location": _location(document, finding.at, report),
        "related": [_related(related, report) for related in finding.related],
        "evidence": [{"fact": each.fact, "value": each.value, "source": each.source} for each in finding.evidence],
        "suppressed": ruling.suppressed,
        "fingerprint": report.fingerprints[ruling],
    }


def _related(related: Related, report: Report) -> dict[str, Any]:
    document = related.document
    return {
        # A chart's values are no object.
        "object": object_json(document.identity(report.namespace)) if document.kind else None,
        "path": render_path(related.path),
        "location": _location(document, related.path, report),
        "message": related.message,
    }


def object_json(identity: Identity) -> dict[str, str]:
    """What names an object."""
    return {
        "apiVersion": identity.api_version,
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
    }


def _location(document: Document, path: Path, report: Report) -> dict[str, Any] | None:
    span = report.places.locate(document, path)
    return {"file": document.origin, "line": span.line, "column": span.column} if span else None


def problem_json(problem: Problem) -> dict[str, Any]:
    """What could not be read."""
    return {"file": problem.file, "line": problem.line, "column": problem.column, "message": problem.message}
