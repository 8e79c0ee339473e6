"""GitLab's Code Quality report: what a merge request's widget and its diff show."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from gracekeeper.reports.sentences import sentences
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.verdict import Ruling

_SEVERITIES: Final = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}
_UNREADABLE: Final = "unreadable"


def gitlab(report: Report, root: Root) -> str:
    """Write what counts and what could not be read; the format has no word for what is silenced."""
    issues = [
        *(_problem(problem, root) for problem in report.problems),
        *(_issue(ruling, report, root) for ruling in report.found),
    ]
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode() + "\n"


def _issue(ruling: Ruling, report: Report, root: Root) -> dict[str, Any]:
    span = report.places.locate(ruling.document, ruling.finding.at)
    return {
        "type": "issue",
        "check_name": ruling.rule.id,
        "description": f"{ruling.identity}: {sentences(ruling.finding)}",
        "severity": _SEVERITIES[ruling.severity],
        "fingerprint": report.fingerprints[ruling],
        "location": _location(root.path(ruling.document.origin), span.line if span else 1),
    }


def _problem(problem: Problem, root: Root) -> dict[str, Any]:
    path = root.path(problem.file)
    return {
        "type": "issue",
        "check_name": _UNREADABLE,
        "description": problem.message,
        "severity": "blocker",
        "fingerprint": hashlib.sha256(f"{path}\0{problem.line}\0{problem.message}".encode()).hexdigest(),
        "location": _location(path, problem.line or 1),
    }


def _location(path: str, line: int) -> dict[str, Any]:
    return {"path": path, "lines": {"begin": line}}
