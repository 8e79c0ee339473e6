"""GitHub's workflow commands: an annotation at the line of each finding, the worst first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.sentences import sentences
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.verdict import Ruling

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_MESSAGE: Final = re.compile(r"[%\r\n]")
_IN_PROPERTY: Final = re.compile(r"[%\r\n:,]")


def github(report: Report, root: Root) -> str:
    """Write a command for whatever could not be read and for each finding that counts.

    GitHub shows ten of each level for a step, so the worst come first.
    """
    worst_first = sorted(report.found, key=lambda ruling: -ruling.severity)
    commands = [
        *(_problem(problem, root) for problem in report.problems),
        *(_annotation(ruling, report, root) for ruling in worst_first),
    ]
    return "".join(f"{command}\n" for command in commands)


def _annotation(ruling: Ruling, report: Report, root: Root) -> str:
    span = report.places.locate(ruling.document, ruling.finding.at)
    place = {"line": span.line, "col": span.column, "endColumn": span.end_column} if span else {}
    title = {"title": f"{ruling.rule.id} in {ruling.identity}"}
    properties = {"file": root.path(ruling.document.origin), **place, **title}
    return _command(_COMMANDS[ruling.severity], properties, sentences(ruling.finding))


def _problem(problem: Problem, root: Root) -> str:
    place = {"line": problem.line, "col": problem.column} if problem.line else {}
    return _command("error", {"file": root.path(problem.file), **place, "title": "not read"}, problem.message)


def _command(name: str, properties: Mapping[str, object], message: str) -> str:
    listed = ",".join(f"{key}={_escaped(_IN_PROPERTY, str(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_escaped(_IN_MESSAGE, message)}"


def _escaped(special: re.Pattern[str], text: str) -> str:
    return special.sub(lambda found: f"%{ord(found[0]):02X}", text)
