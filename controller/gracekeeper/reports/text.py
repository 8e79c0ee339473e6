"""The report for a person at a terminal: findings by file, workload and container, then what there was to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.reports.findings import FindingText
from gracekeeper.reports.grouping import groups
from gracekeeper.reports.headline import headline, headline_sources
from gracekeeper.reports.style import Mark, Style, one_line, spread
from gracekeeper.reports.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.reports.grouping import Group
    from gracekeeper.reports.report import Report
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.verdict import Judged


def text(report: Report, style: Style, *, verbose: bool = False) -> str:
    """Write the whole report; `verbose` tells every finding at length, and what is silenced."""
    writer = FindingText(report, style, verbose)
    lines = [*_findings(writer), *_suppressed(report, style, verbose=verbose)]
    shortened = writer.shortened.total()
    return style.finish("\n".join([*lines, *summary(report, style, shortened=shortened, verbose=verbose), ""]))


def findings_text(report: Report, style: Style, *, verbose: bool = False) -> Iterator[str]:
    """Write the findings alone."""
    return _findings(FindingText(report, style, verbose))


def _findings(writer: FindingText) -> Iterator[str]:
    for group in groups(writer.report.found, collapse=not writer.verbose):
        yield from _header(group, writer.style)
        shown: set[object] = set()
        for entry in group.entries:
            yield ""
            yield from map(entry.ruling.elision, writer.lines(entry, group, shown))
        yield ""


def _header(group: Group, style: Style) -> Iterator[str]:
    first = group.entries[0].ruling
    whose = f" · container {one_line(group.container.name)}" if group.container else ""
    yield style.paint(f"{first.document.origin} · {one_line(str(first.identity))}{whose}", Mark.STRONG)
    if group.judged and group.container:
        yield from _runs(group.judged, group.container, style)


def _runs(judged: Judged, container: Container, style: Style) -> Iterator[str]:
    timeline = judged.timeline(container.name)
    if timeline is not None:
        said, sources = headline(timeline.process), headline_sources(timeline.process)
        line = spread(f"  {said}", sources, style.width)
        lines = [line] if len(line) <= style.width else style.wrap(f"{said} {sources}", "  ")
        yield from map(judged.workload.elision, lines)


def _suppressed(report: Report, style: Style, *, verbose: bool) -> Iterator[str]:
    if not verbose or not report.suppressed:
        return
    yield "Silenced:"
    for ruling in report.suppressed:
        place = report.place(ruling.document, ruling.finding.at)
        yield spread(f"  {ruling.severity.label}  {ruling.rule.id}", place, style.width)
        yield from style.wrap(one_line(f"{ruling.identity}, {ruling.suppressed}"), "   ")
    yield ""
