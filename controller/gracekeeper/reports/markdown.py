"""Markdown for a comment on a pull request, and for the summary of a step: errors first, the rest folded away."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from gracekeeper.reports.grouping import groups
from gracekeeper.reports.style import one_line
from gracekeeper.reports.summary import count, counts, listed, notes
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.grouping import Entry, Group
    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper_policies.verdict import Ruling

MARK: Final = "<!-- gracekeeper -->"
"""The first line, by which a pipeline finds its comment again."""

COMMENT: Final = 60_000
"""Characters that a comment has room for: GitHub takes 65,536."""

SUMMARY: Final = 240_000
"""The same for a step's summary, which takes 1 MiB: a character may take four bytes."""

_FOLD: Final = "<details><summary>{}</summary>"
_UNFOLD: Final = "</details>"
_AROUND: Final = 1_000  # for folding, and for the sentence on what has no room
_PROBLEMS: Final = 10
_SPECIAL: Final = re.compile(r"[\\`*_\[\]~|]")
_CALLING: Final = {ord("@"): "&#64;", ord("#"): "&#35;"}  # a manifest's words call nobody, and link no issue


class _Block(NamedTuple):
    text: str
    findings: int


def markdown(report: Report, root: Root, room: int = COMMENT) -> str:
    """Write the report in about `room` characters at most; findings that have no room are counted."""
    errors = [ruling for ruling in report.found if ruling.severity is Severity.ERROR]
    others = [ruling for ruling in report.found if ruling.severity is not Severity.ERROR]
    head = [MARK, "### Gracekeeper", _plain(counts(report))]
    foot = ["\n".join(f"- {line}" for line in (*_unread(report, root), *map(_plain, notes(report))))]
    room -= _AROUND + sum(map(len, [*head, *foot]))
    shown = _fitting(_blocks(errors, report, root), room)
    folded = _fitting(_blocks(others, report, root), room - sum(len(block.text) for block in shown))
    left = len(report.found) - sum(block.findings for block in (*shown, *folded))
    parts = [*head, *(block.text for block in shown), *_folded(others, folded), *_left(left), *foot]
    return "\n\n".join(filter(None, parts)) + "\n"


def _fitting(blocks: Iterator[_Block], room: int) -> list[_Block]:
    fitting = []
    for block in blocks:
        room -= len(block.text) + 2
        if room < 0:
            break
        fitting.append(block)
    return fitting


def _folded(rulings: Sequence[Ruling], blocks: Sequence[_Block]) -> Iterator[str]:
    if blocks:
        by_weight = (Severity.WARNING, Severity.NOTE)
        numbers = [(severity.label, sum(ruling.severity is severity for ruling in rulings)) for severity in by_weight]
        yield _FOLD.format(" and ".join(count(number, name) for name, number in numbers if number))
        yield from (block.text for block in blocks)
        yield _UNFOLD


def _left(number: int) -> Iterator[str]:
    if number:
        yield f"And {count(number, 'more finding')}, for which there is no room here."


def _blocks(rulings: Sequence[Ruling], report: Report, root: Root) -> Iterator[_Block]:
    for group in groups(rulings, collapse=True):
        head = f"**{_plain(_whose(group))}**, {_code(root.path(group.entries[0].ruling.document.origin))}\n\n"
        for entry in group.entries:
            yield _Block(f"{head}{_entry(entry, report, root)}", 1 + len(entry.repeats))
            head = ""


def _whose(group: Group) -> str:
    name = str(group.entries[0].ruling.identity)
    return f"{name}, container {group.container.name}" if group.container else name


def _entry(entry: Entry, report: Report, root: Root) -> str:
    finding, ruling = entry.ruling.finding, entry.ruling
    lines = [
        f"- **{ruling.severity.label}** {_code(ruling.rule.id)} at {_code(_place(ruling, report, root))}",
        _plain(finding.message),
    ]
    if finding.doubt:
        lines.append(f"Suspected, not proven: {_plain(finding.doubt)}.")
    lines += [f"{'or' if number else 'To mend it:'} {_plain(text)}" for number, text in enumerate(finding.clauses)]
    if entry.repeats:
        names = [_plain(str(repeat.identity)) for repeat in entry.repeats]
        lines.append(f"And {count(len(entry.repeats), 'time')} more: {listed(names, all_of_them=False)}.")
    return "\\\n  ".join(map(ruling.elision, lines))


def _place(ruling: Ruling, report: Report, root: Root) -> str:
    span = report.places.locate(ruling.document, ruling.finding.at)
    path = root.path(ruling.document.origin)
    return f"{path}:{span.line}" if span else path


def _unread(report: Report, root: Root) -> Iterator[str]:
    for problem in report.problems[:_PROBLEMS]:
        place = f"{root.path(problem.file)}:{problem.line}" if problem.line else root.path(problem.file)
        yield f"{_code(place)} {_plain(problem.message)}"


def _plain(text: str) -> str:
    """A text whose characters mean nothing to Markdown, HTML or GitHub."""
    escaped = _SPECIAL.sub(r"\\\g<0>", html.escape(one_line(text), quote=False))
    return escaped.translate(_CALLING)


def _code(text: str) -> str:
    return f"`{one_line(text).replace('`', chr(0x2B9))}`"
