"""SARIF 2.1.0, as GitHub's code scanning and editors read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from gracekeeper.reports.fixes import fixes
from gracekeeper.reports.sarif_rules import descriptors
from gracekeeper.reports.sentences import sentences
from gracekeeper_policies.document import render_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gracekeeper.reports.fixes import Fix
    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.finding import Related
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.verdict import Ruling

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_FIRST_LINE: Final = {"startLine": 1}  # code scanning refuses a place without a line


def sarif(report: Report, root: Root, version: str) -> str:
    """Write the report as a SARIF log of one run; `version` is the program's."""
    rules = {ruling.rule: None for ruling in sorted(report.verdict.rulings, key=lambda ruling: ruling.rank)}
    run = {
        "tool": {"driver": {"name": "Gracekeeper", "version": version, "rules": descriptors(report.verdict.rulings)}},
        "invocations": [_invocation(report, root)],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the checkout."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(report, root, {rule: number for number, rule in enumerate(rules)}),
    }
    content = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _invocation(report: Report, root: Root) -> dict[str, Any]:
    return {
        "executionSuccessful": not report.problems,
        "toolExecutionNotifications": [_notification(problem, root) for problem in report.problems],
    }


def _notification(problem: Problem, root: Root) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column} if problem.line else _FIRST_LINE
    place = {"artifactLocation": _artifact(problem.file, root), "region": region}
    return {
        "level": "error",
        "message": {"text": _literal(problem.message)},
        "locations": [{"physicalLocation": place}],
    }


def _results(report: Report, root: Root, numbers: Mapping[Rule, int]) -> list[msgspec.Raw]:
    _ = report.fingerprints  # those that are alike are counted over the whole report

    def part(rulings: Sequence[Ruling]) -> list[bytes]:
        return [msgspec.json.encode(_result(ruling, report, root, numbers[ruling.rule])) for ruling in rulings]

    shared = report.jobs.share(part, report.verdict.rulings, "Writing")
    return [msgspec.Raw(result) for results in shared for result in results]


def _result(ruling: Ruling, report: Report, root: Root, number: int) -> dict[str, Any]:
    finding, name = ruling.finding, report.fingerprints[ruling]
    evidence = [{"fact": each.fact, "value": each.value, "source": each.source} for each in finding.evidence]
    return {
        "ruleId": ruling.rule.id,
        "ruleIndex": number,
        "level": ruling.severity.label,
        "message": {"text": _literal(sentences(finding))},
        "locations": [_location(ruling, report, root)],
        "relatedLocations": [_related(each, number, report, root) for number, each in enumerate(finding.related, 1)],
        # Code scanning follows alerts by the first alone, by the text of the line where it is missing.
        "partialFingerprints": {"primaryLocationLineHash": name, "gracekeeper/v1": name},
        **_standing(ruling, report),
        "fixes": [_fix(fix, root) for fix in fixes(ruling, report)],
        "properties": {"certainty": finding.certainty.value, "mode": ruling.mode.value, "evidence": evidence},
    }


def _standing(ruling: Ruling, report: Report) -> dict[str, Any]:
    """What silences it, and under a baseline whether it is new."""
    suppressed = ruling.suppressed or ""
    kind = "inSource" if suppressed.startswith("annotation") else "external"
    silenced = [{"kind": kind, "justification": suppressed}] if suppressed else []
    if report.baseline is None:
        return {"suppressions": silenced}
    known = suppressed.startswith("baseline")
    return {"suppressions": silenced, "baselineState": "unchanged" if known else "new"}


def _location(ruling: Ruling, report: Report, root: Root) -> dict[str, Any]:
    at = ruling.finding.at
    logical = {"name": str(ruling.identity), "fullyQualifiedName": f"{ruling.identity} {render_path(at)}"}
    return {"physicalLocation": _place(ruling.document, at, report, root), "logicalLocations": [logical]}


def _related(related: Related, number: int, report: Report, root: Root) -> dict[str, Any]:
    return {
        "id": number,
        "physicalLocation": _place(related.document, related.path, report, root),
        "message": {"text": _literal(related.message)},
    }


def _place(document: Document, path: Path, report: Report, root: Root) -> dict[str, Any]:
    span = report.places.locate(document, path)
    region = _region(span.line, span.column, span.end_line, span.end_column) if span else _FIRST_LINE
    return {"artifactLocation": _artifact(document.origin, root), "region": region}


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(origin: str, root: Root) -> dict[str, str]:
    uri = root.uri(origin)
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}


def _fix(fix: Fix, root: Root) -> dict[str, Any]:
    edit = fix.edit
    replacement = {
        "deletedRegion": _region(edit.line, edit.column, edit.end_line, edit.end_column),
        "insertedContent": {"text": edit.text},
    }
    change = {"artifactLocation": _artifact(fix.document.origin, root), "replacements": [replacement]}
    return {"description": {"text": _literal(fix.text)}, "artifactChanges": [change]}


def _literal(text: str) -> str:
    return text.replace("](", "] (")  # else SARIF takes it for a link
