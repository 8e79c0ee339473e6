"""What the page says of a workload: its containers, their findings with the manifest's lines, and their timelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.explain import ROLES
from gracekeeper.reports.findings import timeline_of
from gracekeeper.reports.grouping import groups
from gracekeeper.reports.headline import headline, headline_sources, short_source
from gracekeeper.reports.html.timelines import Drawn, drawn
from gracekeeper.reports.picture import elided
from gracekeeper.reports.shutdown import stopping
from gracekeeper.reports.snippet import missing_field, passage, way_to
from gracekeeper.reports.startup import starting
from gracekeeper.reports.style import one_line
from gracekeeper_policies.finding import Advice, Remove, Severity
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.rule import Drawing
from gracekeeper_policies.secrecy.elision import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.grouping import Group
    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root
    from gracekeeper.reports.snippet import Line
    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Ruling

_LONGEST: Final = 240  # characters of a manifest's line, of which one may hold a whole object


@dataclass(frozen=True)
class Code:
    """A line of a manifest in three parts, the second of them meant; `faulty` is false for what leads there."""

    number: int
    before: str
    meant: str
    behind: str
    faulty: bool


@dataclass(frozen=True)
class Mend:
    """A remedy: `do`, `write` or `or`, the text, whether it can be written as it stands, and the reason."""

    verb: str
    text: str
    verbatim: bool
    because: str


@dataclass(frozen=True)
class FindingView:
    """One finding as the page shows it."""

    anchor: str
    severity: str
    rule: str
    place: str
    message: str
    doubt: str
    missing: str
    code: tuple[Code, ...]
    mends: tuple[Mend, ...]
    related: tuple[str, ...]
    evidence: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ContainerView:
    """One container with findings, by its role and name, or what they are about where that is no container."""

    name: str
    runs: str
    sources: str
    findings: tuple[FindingView, ...]
    timelines: tuple[Drawn, ...]


@dataclass(frozen=True)
class WorkloadView:
    """One object with findings."""

    identity: Identity
    file: str
    counts: tuple[tuple[str, int], ...]
    containers: tuple[ContainerView, ...]


@dataclass(frozen=True)
class Describing:
    """Describes workloads by their rulings."""

    report: Report
    root: Root

    def workload(self, rulings: Sequence[Ruling]) -> WorkloadView:
        """Describe one object, whose rulings these are."""
        first = rulings[0]
        counts = [(level.label, sum(each.severity is level for each in rulings)) for level in sorted(Severity)[::-1]]
        return WorkloadView(
            first.identity,
            self.root.path(first.document.origin),
            tuple((label, number) for label, number in counts if number),
            tuple(map(self._container, groups(rulings, collapse=False))),
        )

    def _container(self, group: Group) -> ContainerView:
        rulings = [entry.ruling for entry in group.entries]
        told = rulings[0].elision
        timeline = group.judged.timeline(group.container.name) if group.judged and group.container else None
        drawings = [ruling for ruling in rulings if ruling.rule.card.drawing]
        shown = timeline or next((timeline_of(ruling, group) for ruling in drawings), None)
        return ContainerView(
            _whose(group),
            told(headline(timeline.process)) if timeline else "",
            told(headline_sources(timeline.process)) if timeline else "",
            tuple(map(self._finding, rulings)),
            tuple(_pictures(shown, rulings)) if shown else (),
        )

    def _finding(self, ruling: Ruling) -> FindingView:
        finding, told = ruling.finding, ruling.elision
        meant = passage(self.report.places, ruling, finding.at)
        return FindingView(
            anchor=self.report.fingerprints[ruling],
            severity=ruling.severity.label,
            rule=ruling.rule.id,
            place=self.place(ruling.document, finding.at, short=True),
            message=told(short_source(finding.message)),
            doubt=told(short_source(finding.doubt)),
            missing=missing_field(ruling.document, finding.at),
            code=(*self._leading(ruling, meant), *(_code(line, faulty=True) for line in meant)),
            mends=tuple(_mends(ruling)),
            related=tuple(
                f"{self.place(each.document, each.path)}: {told(one_line(each.message))}" for each in finding.related
            ),
            evidence=tuple(
                (one_line(each.fact), told(one_line(each.value)), told(short_source(each.source)))
                for each in finding.evidence
            ),
        )

    def _leading(self, ruling: Ruling, meant: Sequence[Line]) -> Iterator[Code]:
        lines = way_to(self.report.places, ruling, meant[0]) if meant else ()
        return (_code(line, faulty=False) for line in lines)

    def place(self, document: Document, path: Path, *, short: bool = False) -> str:
        """`deploy/web.yaml:14`, from the checkout's root, `short` without folders; no line where none can be named."""
        span = self.report.places.locate(document, path)
        file = self.root.path(document.origin)
        file = file.rpartition("/")[2] if short else file
        return f"{file}:{span.line}" if span else file


def _whose(group: Group) -> str:
    if group.container is None:
        return "whole pod" if group.judged else "whole object"
    return f"{ROLES[group.container.role]} {one_line(group.container.name)}"


def _code(line: Line, *, faulty: bool) -> Code:
    """The line around what is meant, as far as there is room."""
    start = max(0, line.start - _LONGEST // 2) if line.end > _LONGEST else 0
    text = ("…" if start else "") + line.text[start : start + _LONGEST]
    text += "…" if len(line.text) > start + _LONGEST else ""
    first, last = line.start - start + bool(start), line.end - start + bool(start)
    if not faulty:
        return Code(line.number, text, "", "", faulty=False)
    return Code(line.number, text[:first], text[first:last], text[last:], faulty=True)


def _mends(ruling: Ruling) -> Iterator[Mend]:
    for number, remedy in enumerate(ruling.finding.remedies):
        verb = "or" if number else "do" if isinstance(remedy, Advice | Remove) else "write"
        yield _mend(verb, remedy, ruling)


def _mend(verb: str, remedy: Remedy, ruling: Ruling) -> Mend:
    text = ruling.elision(one_line(f"remove {remedy.text}" if isinstance(remedy, Remove) else remedy.text))
    # Where something had to be left out, a secret above all, what is left is not what would have to be written.
    verbatim = not isinstance(remedy, Advice | Remove) and text == remedy.text and ELLIPSIS not in text
    return Mend(verb, text, verbatim, ruling.elision(one_line(remedy.because)))


def _pictures(timeline: Timeline, rulings: Sequence[Ruling]) -> Iterator[Drawn]:
    name, told = one_line(timeline.container.name), timeline.container.workload.elision
    if not timeline.container.serves or timeline.process.runtime is Runtime.OTHER:
        return
    meant = {ruling.rule.card.drawing for ruling in rulings}
    picture = starting(timeline)
    if picture:
        yield drawn(f"Start of {name}", elided(picture, told), at_once=Drawing.START in meant)
    places = {ruling.finding.at for ruling in rulings}
    for stop in timeline.stops:
        if stop is timeline.stop or stop.path in places:
            picture = elided(stopping(timeline, stop), told)
            yield drawn(f"Stop of {name}, when {stop.occasion}", picture, at_once=Drawing.SHUTDOWN in meant)
