"""The one function: documents and policies in, a verdict out.

The command line, the pipeline, the webhook and the background scan call it; they differ only in where documents come
from and where findings go. It is pure: it reads no file, no clock and no environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.boundary import Misread, Misreadings
from gracekeeper_policies.exemption import NONE, Exemptions, exemptions_of
from gracekeeper_policies.finding import elided
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.policy import Mode, Scope, effective_severity
from gracekeeper_policies.process.pod import Images, PodProcesses
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Rule, Subject
from gracekeeper_policies.timeline import Timeline, timelines_of
from gracekeeper_policies.watching import Watch, unwatched
from gracekeeper_policies.workload import Role, Workload, is_workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from gracekeeper_policies.document import Document
    from gracekeeper_policies.finding import Finding, Severity
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.workload import Container

SECURITY: Final = "security"


def no_images(reference: str) -> Unknown:
    """Know nothing of any image."""
    return Unknown(f"the image {reference} was not read" if reference else "no image is named")


@dataclass(frozen=True, eq=False)
class Judged:
    """A workload with what was worked out about it: its timelines, in the order of its containers."""

    workload: Workload
    timelines: tuple[Timeline, ...]

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


@dataclass(frozen=True, eq=False)
class Ruling:
    """A finding under a policy: whose it is, what it weighs, and what silences it.

    `rank` is the rule's place in the catalogue.
    """

    rule: Rule
    rank: int
    finding: Finding
    severity: Severity
    mode: Mode
    workload: Workload
    container: Container | None
    suppressed: str | None

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Workloads in order, within each the worst first, then as in the catalogue; the same at every run."""
        where = self.container.name if self.container else ""
        path = tuple(str(step) for step in self.finding.at)
        return (_order(self.workload), -self.severity, self.rank, where, path, self.finding.message)


@dataclass(frozen=True)
class Verdict:
    """Everything that was judged and found.

    `documents` counts all objects, `judged` holds the workloads in scope, `out_of_scope` those that are not, `misread`
    the fields that could not be read. `rulings` are sorted, suppressed ones among them.
    """

    documents: int
    judged: tuple[Judged, ...]
    out_of_scope: tuple[Judged, ...]
    misread: tuple[Misread, ...]
    rulings: tuple[Ruling, ...]


def judge(
    documents: Sequence[Document],
    *,
    policies: Sequence[GracePolicy],
    rules: Sequence[Rule],
    neighbours: Neighbours,
    now: date,
    images: Images = no_images,
    kubernetes_version: KubernetesVersion = ASSUMED,
    namespace: str = "default",
    watch: Watch = unwatched,
) -> Verdict:
    """Judge every workload among the documents under every policy.

    `now` is the day, in UTC, that decides what has reached its end; `namespace` is that of objects which name none.
    The verdict does not depend on the order of the documents. `watch` follows the work.
    """
    workloads, misread = _workloads(watch(documents, "Laying out"), neighbours, namespace, kubernetes_version, now)
    judged = sorted((_laid_out(workload, images) for workload in workloads), key=lambda each: _order(each.workload))
    applied = [(each, [policy for policy in policies if _applies(policy, each)]) for each in judged]
    rulings: list[Ruling] = []
    known = {rule.id for rule in rules}
    for each, own in watch(applied, "Judging"):
        exemptions = exemptions_of(each.workload, known) if own else NONE
        misread += exemptions.misread
        rulings += _merged([list(_rulings(each, policy, rules, exemptions)) for policy in own])
    return Verdict(
        len(documents),
        tuple(each for each, own in applied if own),
        tuple(each for each, own in applied if not own),
        tuple(sorted(misread, key=_place)),
        tuple(sorted(rulings, key=lambda ruling: ruling.sort_key)),
    )


def _place(misread: Misread) -> tuple[object, ...]:
    document = misread.document
    return (
        document.origin,
        document.index,
        document.base,
        document.identity(),
        tuple(map(str, misread.path)),
        misread.message,
    )


def _workloads(
    documents: Iterable[Document], neighbours: Neighbours, namespace: str, kubernetes: KubernetesVersion, now: date
) -> tuple[list[Workload], list[Misread]]:
    workloads: list[Workload] = []
    misread: list[Misread] = []
    for document in filter(is_workload, documents):
        read = read_workload(document, neighbours, namespace=namespace, kubernetes=kubernetes, now=now)
        if isinstance(read, Misreadings):
            misread += read.fields
        else:
            workloads.append(read)
    return workloads, misread


def _order(workload: Workload) -> tuple[object, ...]:
    return workload.document.origin, workload.document.index, workload.document.base, workload.identity


def _laid_out(workload: Workload, images: Images) -> Judged:
    return Judged(workload, timelines_of(PodProcesses(workload, images)))


def _applies(policy: GracePolicy, judged: Judged) -> bool:
    match policy.scope:
        case Scope.ALL:
            return True
        case Scope.PYTHON:
            return Runtime.PYTHON in judged.runtimes
        case Scope.PYTHON_OR_UNKNOWN:
            return judged.runtimes != {Runtime.OTHER}


def _rulings(judged: Judged, policy: GracePolicy, rules: Sequence[Rule], exemptions: Exemptions) -> Iterator[Ruling]:
    for rank, rule in enumerate(rules):
        if rule.card.profile > policy.profile or policy.mode is Mode.OFF:
            continue
        suppressed = exemptions.suppression(rule.id) if policy.allow_annotation_exemptions else None
        suppressed = suppressed and judged.workload.elision(suppressed)
        for container, subject in _subjects(rule, judged):
            for finding in rule.check(subject, policy.parameters.get(rule.id)):
                severity = effective_severity(finding.severity or rule.card.severity, finding.certainty, policy.mode)
                shown = elided(finding, judged.workload.elision)
                whose = container or judged.workload.container_at(finding.at)
                yield Ruling(rule, rank, shown, severity, policy.mode, judged.workload, whose, suppressed)


def _subjects(rule: Rule, judged: Judged) -> Iterator[tuple[Container | None, object]]:
    if rule.subject is Subject.WORKLOAD:
        yield None, judged.workload
        return
    for timeline in judged.timelines:
        container = timeline.container
        if rule.subject is Subject.CONTAINER and _seen(rule, container):
            yield container, container
        elif rule.subject is Subject.PROCESS and (_acts(container) or rule.concern == SECURITY):
            yield container, timeline.process
        elif rule.subject is Subject.TIMELINE and _acts(container):
            yield container, timeline


def _acts(container: Container) -> bool:
    # Signals and everything that was measured are Linux'; Knative fills in grace, port, probe and hook by itself.
    return container.serves and not container.on_windows and not container.workload.is_knative


def _seen(rule: Rule, container: Container) -> bool:
    # Ephemeral containers may have neither probes nor resources: they get the security rules only.
    return container.role is not Role.EPHEMERAL or rule.concern == SECURITY


def _merged(by_policy: Iterable[Iterable[Ruling]]) -> Iterator[Ruling]:
    # One policy may find several faults at one place; of several policies the strictest one speaks there.
    strictest: dict[tuple[object, ...], list[Ruling]] = {}
    for rulings in by_policy:
        places: dict[tuple[object, ...], list[Ruling]] = {}
        for ruling in rulings:
            places.setdefault((ruling.rule.id, ruling.container, ruling.finding.at), []).append(ruling)
        for place, found in places.items():
            strictest[place] = max(strictest.get(place, found), found, key=_strictness)
    for found in strictest.values():
        yield from found


def _strictness(rulings: list[Ruling]) -> tuple[bool, Severity]:
    return any(ruling.suppressed is None for ruling in rulings), max(ruling.severity for ruling in rulings)
