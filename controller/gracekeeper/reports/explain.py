"""Explains workloads: what runs in each container, where each value was read, both timelines, and what is unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.facts import Fact, facts, unknowns
from gracekeeper.reports.headline import tier
from gracekeeper.reports.shutdown import shutdown
from gracekeeper.reports.startup import startup
from gracekeeper.reports.style import Mark, columns, one_line, shorten, spread
from gracekeeper_policies.container import Role
from gracekeeper_policies.process.recognition import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gracekeeper.reports.style import Style
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Judged

_INDEX: Final = re.compile(r"\[\d+\]\Z")
_IN_GROUP: Final = " to all"
_INDENT: Final = "   "
_LABEL: Final = 18
_SOURCE: Final = 50  # the column of sources, where what stands before them leaves room
ROLES: Final = {
    Role.MAIN: "container",
    Role.SIDECAR: "sidecar",
    Role.INIT: "init container",
    Role.EPHEMERAL: "ephemeral container",
}


def explain(workloads: Sequence[Judged], style: Style) -> str:
    """Explain workloads in the given order."""
    lines = [line for judged in workloads for line in (*_Explanation(judged, style).lines(), "")]
    return style.finish("\n".join(lines))


@dataclass(frozen=True)
class _Explanation:
    judged: Judged
    style: Style

    def lines(self) -> Iterator[str]:
        workload = self.judged.workload
        place = f"{workload.document.origin} · Kubernetes {workload.kubernetes}"
        yield spread(self.style.paint(self._title(), Mark.STRONG), place, self.style.width)
        for timeline in self.judged.timelines:
            branch = "└─" if timeline is self.judged.timelines[-1] else "├─"
            yield from map(workload.elision, self._container(timeline, branch))

    def _title(self) -> str:
        workload = self.judged.workload
        replicas = workload.controller.replicas
        counted = "" if replicas is None else f", {replicas} replica{'' if replicas == 1 else 's'}"
        return one_line(str(workload.identity)) + counted

    def _container(self, timeline: Timeline, branch: str) -> Iterator[str]:
        container = timeline.container
        name = self.style.paint(one_line(container.name), Mark.STRONG)
        yield f"{branch} {ROLES[container.role]} {name}   {one_line(container.spec.image) or 'no image'}"
        for each in timeline.programs:
            yield from self._programs(each.process)
            yield from self._facts(facts(each))
            if container.serves and each.process.runtime is not Runtime.OTHER:
                yield from self._pictures(each)
        for text in dict.fromkeys(text for each in timeline.programs for text in unknowns(each)):
            yield from self.style.wrap(f"unknown: {text}", _INDENT, _INDENT + "         ")

    def _programs(self, process: PythonProcess) -> Iterator[str]:
        first = "PID 1  " if process.container.workload.runs_as_pid_1 else "first  "
        for depth, (name, does, where) in enumerate(_chain(process)):
            lead = first if depth == 0 else "   " * depth + "└─ "
            yield self._sourced(f"{_INDENT}{lead}", f"{name}  {does}".rstrip(), where)
        if process.unknown:
            said = "not Python, by its image" if process.runtime is Runtime.OTHER else "what runs is not told"
            yield from self.style.wrap(f"{said}: {one_line(process.unknown)}", _INDENT, _INDENT + "  ")

    def _sourced(self, lead: str, text: str, where: str) -> str:
        # Which of the words it is shows by itself.
        source = f"[{_INDEX.sub('', tier(where))}]" if where else ""
        line = lead + shorten(text, max(self.style.width - columns(lead) - columns(source) - 2, 20))
        line = line.ljust(min(_SOURCE, self.style.width - columns(source) - 2))
        return f"{line}  {self.style.paint(source, Mark.FAINT)}"

    def _facts(self, found: Sequence[Fact]) -> Iterator[str]:
        for fact in found:
            line = f"{_INDENT}   {fact.name:<{_LABEL}}{fact.value}"
            source = f"[{fact.source}]" if fact.source else fact.remark
            if columns(f"{line:<{_SOURCE}}  {source}") <= self.style.width:
                yield f"{line:<{_SOURCE}}  {self.style.paint(source, Mark.FAINT)}"
            else:
                yield line
                yield from self.style.wrap(source, " " * (len(_INDENT) + 3 + _LABEL))

    def _pictures(self, timeline: Timeline) -> Iterator[str]:
        for name, draw in (("start", startup), ("stop", shutdown)):
            lines = draw(timeline, self.style, f"{_INDENT}       ")
            if lines:
                yield from ("", f"{_INDENT}{name:<7}{lines[0].lstrip()}", *lines[1:])
        yield ""


def _chain(process: PythonProcess) -> Iterator[tuple[str, str, str]]:
    """The programs that start each other: name, what it does with the stop signal, where it is written."""
    launch = process.launch
    for link in launch.links:
        yield one_line(link.name), f"{link.passing.value}{_IN_GROUP if link.apart else ''}", link.word.source
    if launch.words and not launch.unknown:
        line = process.container.workload.elision(" ".join(word.text for word in launch.words))
        yield one_line(line), "", launch.words[0].source
