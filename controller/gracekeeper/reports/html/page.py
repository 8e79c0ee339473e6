"""Writes the page: what could not be read first, then findings by workload, then what is silenced and what is clean."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from gracekeeper.reports.html.templates import content_security_policy, environment
from gracekeeper.reports.html.workloads import Describing
from gracekeeper.reports.style import one_line
from gracekeeper.reports.summary import count, counts, left_open
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.rule import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.sources.problems import Problem
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.verdict import Judged, Ruling

_, _WHY, _ = HEADINGS
BATCH: Final = '<div class="batch">\n%s</div>\n'


def html(report: Report, root: Root) -> str:
    """Write the whole report as one page."""
    page = _Page(report, root)
    workloads = Markup("").join(page.workloads())
    return environment().get_template("page.html").render(page.told(), workloads=workloads)


@dataclass(frozen=True)
class _Page:
    report: Report
    root: Root

    def workloads(self) -> Iterator[Markup]:
        """Each object with findings, in the report's order."""
        report, describing = self.report, Describing(self.report, self.root)
        _ = report.fingerprints  # those that are alike are counted over the whole report
        template = environment().get_template("workload.html")

        def part(objects: Sequence[Sequence[Ruling]]) -> str:
            return BATCH % "".join(template.render(workload=describing.workload(rulings)) for rulings in objects)

        objects = [tuple(rulings) for _, rulings in groupby(report.found, lambda ruling: ruling.document)]
        yield from map(Markup, report.jobs.share(part, objects, "Writing"))

    def told(self) -> dict[str, Any]:
        """What the page says beside the workloads."""
        report = self.report
        return {
            "csp": content_security_policy(),
            "version": version("gracekeeper"),
            "title": self._title(),
            "verdict": counts(report),
            "problems": [(self.root.path(file), list(found)) for file, found in groupby(report.problems, _file)],
            "severities": [(severity.label, report.count(severity)) for severity in sorted(Severity)[::-1]],
            "found": len(report.found),
            "rules": self._rules(),
            "namespaces": sorted({ruling.identity.namespace for ruling in report.found}),
            "kinds": sorted({ruling.identity.kind for ruling in report.found}),
            "silenced": [self._silenced(ruling) for ruling in report.suppressed],
            "clean": [one_line(str(each.identity)) for each in report.verdict.judged if each not in self._faulty],
            "left_open": _nested(left_open(report, verbose=True)),
            "gone": report.baseline.gone if report.baseline else 0,
        }

    def _title(self) -> str:
        numbers = [(each.label, self.report.count(each)) for each in sorted(Severity)[::-1]]
        found = [count(number, label) for label, number in numbers if number]
        return f"Gracekeeper: {', '.join(found) or 'no findings'}"

    def _rules(self) -> list[dict[str, Any]]:
        """What to mend first: the worst rules, of each severity the most frequent ones."""
        counted = Counter((ruling.severity, ruling.rule) for ruling in self.report.found)
        ranked = sorted(counted.items(), key=lambda item: (-item[0][0], -item[1], item[0][1].id))
        return [
            {"severity": severity.label, "id": rule.id, "number": number, "title": rule.title, "why": _why(rule)}
            for (severity, rule), number in ranked
        ]

    @cached_property
    def _faulty(self) -> set[Judged | None]:
        return {ruling.judged for ruling in self.report.found}

    def _silenced(self, ruling: Ruling) -> dict[str, str]:
        return {
            "severity": ruling.severity.label,
            "rule": ruling.rule.id,
            "whose": one_line(str(ruling.identity)),
            "container": one_line(ruling.container_name or ""),
            "place": Describing(self.report, self.root).place(ruling.document, ruling.finding.at),
            "by": ruling.elision(one_line(ruling.suppressed or "")),
        }


def _file(problem: Problem) -> str:
    return problem.file


def _why(rule: Rule) -> str:
    return " ".join(next((part.text for part in rule.sections if part.heading == _WHY), "").split())


def _nested(notes: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Sentences, each with the names that stand indented below it."""
    nested: list[tuple[str, list[str]]] = []
    for note in notes:
        if note.startswith(" ") and nested:
            nested[-1][1].append(note.strip())
        else:
            nested.append((note, []))
    return nested
