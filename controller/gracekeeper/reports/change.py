"""The report of a change: what it adds, what it mends, and what it does to shutdowns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from gracekeeper.reports.json import VERSION, finding_json, object_json, problem_json
from gracekeeper.reports.spare import shutdown_changes
from gracekeeper.reports.style import Mark, one_line
from gracekeeper.reports.summary import count
from gracekeeper.reports.text import findings_text
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.spare import ShutdownChange
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.comparison import Comparison
    from gracekeeper_policies.verdict import Ruling


def change_text(old: Report, new: Report, comparison: Comparison, style: Style, *, verbose: bool = False) -> str:
    """Write a change for a person at a terminal."""
    shutdowns = shutdown_changes(old.verdict, new.verdict)
    lines = [
        *findings_text(_only(new, comparison.added), style, verbose=verbose),
        *_listed("Mended", comparison.mended, style),
        *_listed("Silenced, not mended", comparison.silenced, style),
        *_shutdowns(shutdowns, style),
        *style.wrap(_summary(new, comparison), "", "  "),
        *_unread(old, new, style),
        "",
    ]
    return style.finish("\n".join(lines))


def change_json(old: Report, new: Report, comparison: Comparison) -> str:
    """Write a change for programs; findings have the form that `check --format json` gives them."""
    content = {
        "version": VERSION,
        "added": [finding_json(ruling, new) for ruling in comparison.added],
        "mended": [finding_json(ruling, old) for ruling in comparison.mended],
        "silenced": [finding_json(ruling, old) for ruling in comparison.silenced],
        "shutdowns": [_shutdown_json(change) for change in shutdown_changes(old.verdict, new.verdict)],
        "problems": {
            "old": [problem_json(problem) for problem in old.problems],
            "new": [problem_json(problem) for problem in new.problems],
        },
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _only(report: Report, rulings: Sequence[Ruling]) -> Report:
    return replace(report, verdict=structs.replace(report.verdict, rulings=tuple(rulings)))


def _listed(title: str, rulings: Sequence[Ruling], style: Style) -> Iterator[str]:
    if not rulings:
        return
    yield style.paint(f"{title}:", Mark.STRONG)
    for ruling in rulings:
        whose = f", container {ruling.container_name}" if ruling.container_name else ""
        yield from style.wrap(one_line(f"{ruling.rule.id} · {ruling.identity}{whose}"), "  ", "    ")
    yield ""


def _shutdowns(changes: Sequence[ShutdownChange], style: Style) -> Iterator[str]:
    for change in changes:
        mark = Mark.WARNING if change.worse else Mark.SPARE
        said = one_line(f"{change.identity}, container {change.container}: {change}.")
        yield from (style.paint(line, mark) for line in style.wrap(said, "", "  "))
    if changes:
        yield ""


def _summary(new: Report, comparison: Comparison) -> str:
    added = [ruling.severity for ruling in comparison.added]
    by_severity = [
        count(added.count(severity), severity.label) for severity in sorted(Severity, reverse=True) if severity in added
    ]
    workloads, adds = count(len(new.verdict.judged), "workload"), ", ".join(by_severity) or "no finding"
    return f"{workloads} after the change: it adds {adds} and mends {len(comparison.mended) or 'none'}."


def _unread(old: Report, new: Report, style: Style) -> Iterator[str]:
    for side, report in (("old", old), ("new", new)):
        if report.problems:
            said = (
                f"Not read of the {side}: {count(len(report.problems), 'problem')}; standard error says what and where."
            )
            yield from style.wrap(said, "", "  ")


def _shutdown_json(change: ShutdownChange) -> dict[str, Any]:
    return {
        "workload": object_json(change.identity),
        "container": change.container,
        "worse": change.worse,
        "before": change.before.words,
        "after": change.after.words,
    }
