"""JUnit's XML, as Jenkins, GitLab and others read it: a suite for each workload, a failure for what fails the run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.sentences import sentences
from gracekeeper_policies.fingerprint import named_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.document import Document, Identity
    from gracekeeper_policies.finding import Severity
    from gracekeeper_policies.verdict import Ruling

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNTED: Final = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}


def junit(report: Report, root: Root, fails: Severity | None) -> str:
    """Write the report; what weighs less than `fails` passes and tells what it has to, None lets everything pass."""
    suites = ET.Element("testsuites", name="gracekeeper")
    if report.problems:
        _suite(suites, "input", [_problem(problem, root) for problem in report.problems])
    for (document, identity), rulings in _by_object(report).items():
        cases = [_case(ruling, report, root, fails) for ruling in rulings]
        _suite(suites, f"{root.path(document.origin)} {identity}", cases or [_passed(identity)])
    for name in _COUNTED:
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    ET.indent(suites)
    return f"{_DECLARATION}{ET.tostring(suites, encoding='unicode')}\n"


def _by_object(report: Report) -> dict[tuple[Document, Identity], list[Ruling]]:
    whose: dict[tuple[Document, Identity], list[Ruling]] = defaultdict(list)
    for judged in report.verdict.judged:
        whose[judged.document, judged.identity] = []
    for ruling in report.verdict.rulings:
        whose[ruling.document, ruling.identity].append(ruling)
    return whose


def _suite(suites: ET.Element, name: str, cases: Sequence[ET.Element]) -> None:
    suite = ET.SubElement(suites, "testsuite", name=_clean(name))
    suite.extend(cases)
    for count, path in {**_COUNTED, "skipped": "testcase/skipped"}.items():
        suite.set(count, str(len(suite.findall(path))))


def _passed(identity: Identity) -> ET.Element:
    return ET.Element("testcase", classname=_clean(str(identity)), name="no findings")


def _case(ruling: Ruling, report: Report, root: Root, fails: Severity | None) -> ET.Element:
    case = ET.Element("testcase", classname=_clean(str(ruling.identity)), name=_clean(_name(ruling, report)))
    text = _clean(f"{root.path(_origin(ruling, report))}: {sentences(ruling.finding)}")
    if ruling.suppressed is not None:
        ET.SubElement(case, "skipped", message=_clean(ruling.suppressed))
    elif fails is not None and ruling.severity >= fails:
        message = _clean(ruling.finding.message)
        ET.SubElement(case, "failure", type=ruling.severity.label, message=message).text = text
    else:
        ET.SubElement(case, "system-out").text = f"{ruling.severity.label}: {text}"
    return case


def _name(ruling: Ruling, report: Report) -> str:
    """What the case is called at every run; those that are alike are counted."""
    place = ruling.elision(".".join(named_path(ruling.document.values, ruling.finding.at)))
    number = report.fingerprints[ruling].partition(":")[2]
    return f"{ruling.rule.id} at {place} ({number})" if number else f"{ruling.rule.id} at {place}"


def _origin(ruling: Ruling, report: Report) -> str:
    return report.place(ruling.document, ruling.finding.at)


def _problem(problem: Problem, root: Root) -> ET.Element:
    case = ET.Element("testcase", classname=_clean(root.path(problem.file)), name=f"{problem.line}:{problem.column}")
    ET.SubElement(case, "error", type="unreadable", message=_clean(problem.message)).text = _clean(str(problem))
    return case


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
