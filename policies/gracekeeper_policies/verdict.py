"""What a verdict holds: the workloads that were judged, and what was found about whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gracekeeper_policies.secrecy import elision_of
from gracekeeper_policies.workload import Role

if TYPE_CHECKING:
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.document import Document, Identity
    from gracekeeper_policies.finding import Finding, Severity
    from gracekeeper_policies.policy import Mode
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.recognition import Runtime
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.secrecy import Elision
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.workload import Container, Workload


@dataclass(frozen=True, eq=False)
class Judged:
    """A workload with what was worked out about it: its timelines, in the order of its containers."""

    workload: Workload
    timelines: tuple[Timeline, ...]

    @property
    def processes(self) -> tuple[PythonProcess, ...]:
        """What runs in each container."""
        return tuple(timeline.process for timeline in self.timelines)

    @cached_property
    def runtimes(self) -> frozenset[Runtime]:
        """Whether its main containers are Python."""
        return frozenset(process.runtime for process in self.processes if process.container.role is Role.MAIN)

    def timeline(self, container: str) -> Timeline | None:
        """The timeline of a container by its name."""
        return next((timeline for timeline in self.timelines if timeline.container.name == container), None)


@dataclass(frozen=True, eq=False)
class Ruling:
    """A finding under a policy: whose it is, what it weighs, and what silences it.

    `rank` is the rule's place in the catalogue. `document` is what the finding's place leads into, the workload's own
    where there is one: a finding about an exception has none.
    """

    rule: Rule
    rank: int
    finding: Finding
    severity: Severity
    mode: Mode
    document: Document
    identity: Identity
    workload: Workload | None
    container: Container | None
    suppressed: str | None

    @property
    def elision(self) -> Elision:
        """Leaves out of a text the secrets that the object holds."""
        return self.workload.elision if self.workload else elision_of(self.document.values)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Workloads in order, within each the worst first, then as in the catalogue; the same at every run."""
        where = self.container.name if self.container else ""
        path = tuple(str(step) for step in self.finding.at)
        return (order(self.document, self.identity), -self.severity, self.rank, where, path, self.finding.message)


@dataclass(frozen=True)
class Verdict:
    """Everything that was judged and found.

    `documents` counts all objects, `judged` holds the workloads in scope of a policy, `out_of_scope` those that a
    policy means but that are not Python, `unmeant` those that no policy means; `misread` are the fields that could not
    be read. `rulings` are sorted, suppressed ones among them. `undecided` names the namespaces whose labels are not in
    sight though a policy asks for them.
    """

    documents: int
    judged: tuple[Judged, ...]
    out_of_scope: tuple[Judged, ...]
    misread: tuple[Misread, ...]
    rulings: tuple[Ruling, ...]
    unmeant: tuple[Judged, ...] = ()
    undecided: tuple[str, ...] = ()


def order(document: Document, identity: Identity) -> tuple[object, ...]:
    """Where an object comes in a report: by its place in its file, then by its name."""
    return document.origin, document.index, document.base, identity
