"""Writes one finding for a person: the line to search for, the place, what happens, the picture, the remedy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.headline import short_source
from gracekeeper.reports.shutdown import shutdown
from gracekeeper.reports.snippet import snippet
from gracekeeper.reports.startup import startup
from gracekeeper.reports.style import Mark, columns, one_line, spread
from gracekeeper_policies.container import Role
from gracekeeper_policies.finding import Advice, Remove, Severity
from gracekeeper_policies.rule import Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.grouping import Entry, Group
    from gracekeeper.reports.report import Report
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.finding import Finding, Remedy
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Ruling

MARKS: Final = {Severity.ERROR: Mark.CUT, Severity.WARNING: Mark.WARNING, Severity.NOTE: Mark.NOTE}
_INDENT: Final = "   "
_PICTURE: Final = "      "
_NAMED_REPEATS: Final = 3
_AT_LENGTH: Final = 3  # who has read a rule's explanation three times knows it
_WIDEST_REMEDY: Final = 48  # beyond this, the reason goes on a line of its own


@dataclass(frozen=True)
class FindingText:
    """Writes the findings of a report, without `verbose` only the first few of each rule at length.

    `told` counts what was written of each rule and severity, `shortened` what was named but not told at length.
    """

    report: Report
    style: Style
    verbose: bool = False
    told: Counter[object] = field(default_factory=Counter)
    shortened: Counter[object] = field(default_factory=Counter)

    def lines(self, entry: Entry, group: Group, shown: set[object]) -> Iterator[str]:
        """Write a finding; `shown` remembers the lines and pictures that stand above already: each is shown once."""
        ruling = entry.ruling
        kind = ruling.rule.id, ruling.severity
        self.told[kind] += 1
        at_length = self.verbose or self.told[kind] <= _AT_LENGTH
        self.shortened[kind] += len(entry.repeats) + (not at_length)
        yield self.head(ruling)
        yield from self._at_length(ruling, group, shown) if at_length else self._in_short(ruling)
        yield from self._repeats(entry)

    def _at_length(self, ruling: Ruling, group: Group, shown: set[object]) -> Iterator[str]:
        yield from self._snippet(ruling, shown)
        yield from self.style.wrap(short_source(ruling.finding.message), _INDENT)
        yield from self._doubt(ruling.finding)
        yield from self._related(ruling.finding)
        yield from self._picture(ruling, group, shown)
        yield from self._remedies(ruling.finding.remedies)

    def _in_short(self, ruling: Ruling) -> Iterator[str]:
        yield from self.style.wrap(short_source(ruling.finding.message), _INDENT)
        yield from self._remedies(ruling.finding.remedies[:1])

    def head(self, ruling: Ruling) -> str:
        """The first line: severity, rule and place."""
        finding = ruling.finding
        doubt = " (suspected)" if finding.doubt else ""
        severity = self.style.paint(ruling.severity.label, MARKS[ruling.severity])
        left = f"  {severity}  {self.style.paint(ruling.rule.id, Mark.STRONG)}{doubt}"
        return spread(left, self.report.place(ruling.document, finding.at), self.style.width)

    def _snippet(self, ruling: Ruling, shown: set[object]) -> Iterator[str]:
        lines = snippet(self.report.places, self.style, ruling, ruling.finding.at)
        if lines and lines[0] not in shown:
            shown.add(lines[0])
            yield from lines

    def _doubt(self, finding: Finding) -> Iterator[str]:
        if finding.doubt:
            yield from self.style.wrap(f"Suspected, not proven: {short_source(finding.doubt)}.", _INDENT)

    def _related(self, finding: Finding) -> Iterator[str]:
        for related in finding.related:
            place = self.report.place(related.document, related.path)
            yield from self.style.wrap(f"see {place}: {one_line(related.message)}", _INDENT, _INDENT + "  ")

    def _picture(self, ruling: Ruling, group: Group, shown: set[object]) -> Iterator[str]:
        lines = self._drawn(ruling.rule.card.drawing, timeline_of(ruling, group), ruling.finding.at)
        if lines and lines not in shown:
            shown.add(lines)
            yield from ("", *lines, "")

    def _drawn(self, drawing: Drawing | None, timeline: Timeline | None, at: Path) -> tuple[str, ...]:
        if drawing is None or timeline is None:
            return ()
        if drawing is Drawing.START:
            return tuple(startup(timeline, self.style, _PICTURE))
        return tuple(shutdown(timeline, self.style, _PICTURE, at))

    def _remedies(self, remedies: Sequence[Remedy]) -> Iterator[str]:
        texts = [_remedy(remedy, remedies[0]) for remedy in remedies]
        aligned = [len(text) for text in texts if len(text) <= _WIDEST_REMEDY]
        width = max(aligned, default=0)
        for number, (remedy, text) in enumerate(zip(remedies, texts, strict=True)):
            verb = "or" if number else "do" if isinstance(remedy, Advice | Remove) else "write"
            yield from self._remedy_lines(f"{_INDENT}{verb:<5}  ", text, one_line(remedy.because), width)

    def _remedy_lines(self, verb: str, text: str, because: str, width: int) -> Iterator[str]:
        line = f"{verb}{text:<{width}}  {because}" if because else verb + text
        if columns(line) <= self.style.width:
            yield line
            return
        hanging = " " * len(verb)
        yield from self.style.wrap(text, verb, hanging)
        yield from self.style.wrap(f"({because})", hanging) if because else ()

    def _repeats(self, entry: Entry) -> Iterator[str]:
        if entry.repeats:
            names = list(dict.fromkeys(_whose(repeat, entry.ruling) for repeat in entry.repeats))
            number = len(entry.repeats)
            count = f"in {number} more" if number == len(names) else f"{number} times more, in"
            values = ", with other values to write" if entry.remedies_differ else ""
            text = f"and {count}: {_first_of(names)}{values}"
            yield from self.style.wrap(text, _INDENT, _INDENT + "  ")


def _first_of(names: Sequence[str]) -> str:
    if len(names) <= _NAMED_REPEATS + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED_REPEATS])} and {len(names) - _NAMED_REPEATS} others"


def _remedy(remedy: Remedy, first: Remedy) -> str:
    text = f"remove {one_line(remedy.text)}" if isinstance(remedy, Remove) else one_line(remedy.text)
    follows_advice = isinstance(first, Advice) and not isinstance(remedy, Advice | Remove)
    return f"write {text}" if follows_advice else text


def _whose(ruling: Ruling, first: Ruling) -> str:
    if ruling.judged is first.judged and ruling.container_name is not None:
        return one_line(f"container {ruling.container_name}")
    return one_line(str(ruling.identity))


def timeline_of(ruling: Ruling, group: Group) -> Timeline | None:
    """The timeline that a finding is about: its container's, or where it has none the first main container's."""
    if group.judged is None:
        return None
    if ruling.container_name is not None:
        timeline = group.judged.timeline(ruling.container_name)
        # Of several programs under a supervisor nobody knows here which one is meant.
        return timeline if timeline and len(timeline.programs) == 1 else None
    mains = (timeline for timeline in group.judged.timelines if timeline.container.role is Role.MAIN)
    return next(mains, None)
