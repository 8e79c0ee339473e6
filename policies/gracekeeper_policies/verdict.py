"""What a verdict holds: the workloads that were judged, and what was found about whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from gracekeeper_policies.container import Role
from gracekeeper_policies.once import once
from gracekeeper_policies.secrecy import elision_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.finding import Finding, Severity
    from gracekeeper_policies.policy import Mode
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.recognition import Runtime
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.secrecy import Elision
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.workload import Workload


class Laid(NamedTuple):
    """A workload laid out: its timelines, in the order of its containers."""

    workload: Workload
    timelines: tuple[Timeline, ...]


class Untold(Struct, frozen=True):
    """A container of which it could not be told what it runs, or `program`, whose shutdown was never measured.

    `reason` says why it could not be told, `at` leads to the script that could not be read, if that is why.
    """

    container: str
    reason: str
    at: Path | None = None
    program: str = ""


@dataclass(eq=False)
class Judged:
    """A workload that was judged, and what was worked out about it.

    Thousands are held and few are looked at again, so what was worked out is let go by `release` and worked out again
    when somebody asks. `untold` are the main containers that kept something to themselves.
    """

    document: Document
    identity: Identity
    lay_out: Callable[[Document], Laid] = field(repr=False)
    untold: tuple[Untold, ...] = ()

    def keep(self, laid: Laid) -> None:
        """Take what was worked out already."""
        self.__dict__["_laid"] = laid

    def release(self) -> None:
        """Let go of what was worked out."""
        self.__dict__.pop("_laid", None)

    @once
    def _laid(self) -> Laid:
        return self.lay_out(self.document)

    @property
    def workload(self) -> Workload:
        """The workload."""
        return self._laid.workload

    @property
    def timelines(self) -> tuple[Timeline, ...]:
        """Its timelines, in the order of its containers."""
        return self._laid.timelines

    @property
    def processes(self) -> tuple[PythonProcess, ...]:
        """What runs in each container."""
        return tuple(timeline.process for timeline in self.timelines)

    @property
    def runtimes(self) -> frozenset[Runtime]:
        """Whether its main containers are Python."""
        return frozenset(process.runtime for process in self.processes if process.container.role is Role.MAIN)

    def timeline(self, container: str) -> Timeline | None:
        """The timeline of a container by its name."""
        return next((timeline for timeline in self.timelines if timeline.container.name == container), None)


class Ruling(Struct, frozen=True, eq=False):
    """A finding under a policy: whose it is, what it weighs, and what silences it.

    `rank` is the rule's place in the catalogue. `document` is what the finding's place leads into, the workload's own
    where there is one: a finding about an exception has none. `container_path` and `container_name` are None for a
    finding about a whole pod.
    """

    rule: Rule
    rank: int
    finding: Finding
    severity: Severity
    mode: Mode
    document: Document
    identity: Identity
    judged: Judged | None
    container_path: Path | None
    container_name: str | None
    suppressed: str | None

    @property
    def workload(self) -> Workload | None:
        """The workload; None where there is none."""
        return self.judged.workload if self.judged else None

    @property
    def container(self) -> Container | None:
        """The container; None for a finding about a whole pod."""
        containers = self.judged.workload.containers if self.judged else ()
        return next((container for container in containers if container.path == self.container_path), None)

    @property
    def elision(self) -> Elision:
        """Leaves out of a text the secrets that the object holds."""
        return self.judged.workload.elision if self.judged else elision_of(self.document.values)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Workloads in order, within each the worst first, then as in the catalogue; the same at every run."""
        where = self.container_name or ""
        path = tuple(str(step) for step in self.finding.at)
        return (order(self.document, self.identity), -self.severity, self.rank, where, path, self.finding.message)


class Verdict(Struct, frozen=True):
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
