"""Hears one workload: which rules of which policies judge it, what they find, and what silences that."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.application import OF_SECURITY
from gracekeeper_policies.container import Role
from gracekeeper_policies.exception import AppliedException, place_of, silencer
from gracekeeper_policies.finding import Evidence, elided
from gracekeeper_policies.policy import effective_severity
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.process.python_process import PythonProcess
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.rule import Subject
from gracekeeper_policies.timeline import Timeline
from gracekeeper_policies.verdict import Judged, Ruling, Untold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gracekeeper_policies.application import Application, AppliedRule
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Document, Identity
    from gracekeeper_policies.exception import Exceptions
    from gracekeeper_policies.exemption import Exemptions
    from gracekeeper_policies.finding import Finding, Severity
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.workload import Workload


Pairs: TypeAlias = "Sequence[tuple[Container | None, object]]"


class Standing(enum.Enum):
    """What the policies make of a workload."""

    JUDGED = "is judged"
    OUT_OF_SCOPE = "is meant by a policy, but is not Python"
    UNMEANT = "is meant by no policy"
    UNREAD = "could not be read"
    EMPTY = "has no pod template to judge"


class Heard(Struct, frozen=True):
    """What came of one workload; `judged` is None where there was nothing to judge."""

    standing: Standing
    judged: Judged | None
    misread: tuple[Misread, ...] = ()
    rulings: tuple[Ruling, ...] = ()


class Silence(Struct, frozen=True):
    """What may silence findings of one workload: its annotations, and the exceptions that mean it."""

    workload: Workload
    exemptions: Exemptions
    exceptions: Sequence[AppliedException]

    def on(self, applied: AppliedRule, policy: GracePolicy, finding: Finding) -> str | None:
        """What silences a finding; None where nothing does."""
        place = place_of(self.workload.document, finding.at)
        exception = silencer(self.exceptions, applied.rule.id, place) if self.exceptions else None
        if not applied.exemptible:
            return None
        own = self.exemptions.suppression(applied.rule.id) if policy.allow_annotation_exemptions else None
        if own or exception is None:
            return self.workload.elision(own) if own else None
        exception.held[applied.rule.id].add(place)
        return str(exception.exception)


def rulings_of(judged: Judged, applications: Sequence[Application], silence: Silence) -> tuple[Ruling, ...]:
    """What the policies' rules find in a workload."""
    subjects = _subjects(judged)
    rulings = [list(_rulings(judged, subjects, application, silence)) for application in applications]
    return tuple(merged(rulings) if len(rulings) > 1 else rulings[0])


def rulings_on(exceptions: Exceptions, applications: Sequence[Application]) -> Iterator[Ruling]:
    """What the policies' rules find in the exceptions themselves."""
    return merged([list(_on_exceptions(exceptions, application)) for application in applications])


def untold(judged: Judged) -> Iterator[Untold]:
    """Which of a workload's main containers run what could not be told, or was never measured."""
    for process in judged.processes:
        if process.container.role is Role.MAIN and (process.unknown or process.server is None):
            yield from _untold(process)


def _untold(process: PythonProcess) -> Iterator[Untold]:
    container, elision = process.container, process.container.workload.elision
    if process.runtime is Runtime.OTHER or process.shutdown.is_declared:
        return
    if process.unknown and any(each.server for each in process.supervised):
        return
    if process.unknown:
        yield Untold(container.name, elision(process.unknown), process.launch.unread)
    elif not container.workload.is_job:
        yield Untold(container.name, "", program=elision(process.name))


def _subjects(judged: Judged) -> Mapping[str, Pairs]:
    """What the rules judge of a workload, by `AppliedRule.asks`, with the container that it belongs to."""
    timelines = judged.timelines
    acting = [timeline for timeline in timelines if _acts(timeline.container)]
    stopped = [each for timeline in acting for each in timeline.programs]
    everyone = [(timeline.container, timeline.container) for timeline in timelines]
    plain: dict[str, Pairs] = {
        Subject.WORKLOAD.value: [(None, judged.workload)],
        Subject.POD.value: [(None, timeline.process.pod) for timeline in timelines[:1]],
        # Ephemeral containers may have neither probes nor resources: they get the security rules only.
        Subject.CONTAINER.value: [pair for pair in everyone if pair[0].role is not Role.EPHEMERAL],
        Subject.PROCESS.value: [(timeline.container, timeline.process) for timeline in acting],
        Subject.TIMELINE.value: [(timeline.container, timeline) for timeline in stopped],
    }
    of_security: dict[str, Pairs] = {
        OF_SECURITY + Subject.CONTAINER.value: everyone,
        OF_SECURITY + Subject.PROCESS.value: [(timeline.container, timeline.process) for timeline in timelines],
    }
    return {**plain, **{OF_SECURITY + subject: pairs for subject, pairs in plain.items()}, **of_security}


def _acts(container: Container) -> bool:
    # Signals and everything that was measured are Linux'; Knative fills in grace, port, probe and hook by itself.
    return container.serves and not container.on_windows and not container.workload.is_knative


def _rulings(
    judged: Judged, subjects: Mapping[str, Pairs], application: Application, silence: Silence
) -> Iterator[Ruling]:
    workload = judged.workload
    rules = application.rules_in(workload.identity.namespace)
    for exception in silence.exceptions:
        exception.judged.update(applied.rule.id for applied in rules)
    for applied in rules:
        for container, subject in subjects.get(applied.asks, ()):
            for finding in applied.check(subject):
                suppressed = silence.on(applied, application.policy, finding)
                told, whose = _with_tier(finding, subject), container or workload.container_at(finding.at)
                shown = elided(told, workload.elision)
                yield _ruling(applied, shown, judged.document, judged.identity, judged, whose, suppressed)


def _with_tier(finding: Finding, subject: object) -> Finding:
    # Evidence names the image wherever a finding rests on what runs, and it is the image that says so.
    process = _process_of(subject)
    tier = process.places.program_tier if process else ""
    if process is None or not tier or any(OF_IMAGE in each.source for each in finding.evidence):
        return finding
    return replace(finding, evidence=(*finding.evidence, Evidence("program", process.name or "not told", tier)))


def _process_of(subject: object) -> PythonProcess | None:
    match subject:
        case PythonProcess():
            return subject
        case Timeline():
            return subject.process
        case PodProcesses():
            return subject.server
    return None


def _on_exceptions(exceptions: Exceptions, application: Application) -> Iterator[Ruling]:
    for each in exceptions.applied:
        document, identity = each.exception.document, each.exception.identity
        for applied in _rules_on_exceptions(application, identity.namespace):
            yield from (_ruling(applied, finding, document, identity) for finding in applied.check(each))


def _rules_on_exceptions(application: Application, namespace: str) -> Sequence[AppliedRule]:
    if not application.means_namespace(namespace):
        return ()
    return [applied for applied in application.rules_in(namespace) if applied.rule.subject is Subject.EXCEPTION]


def _ruling(
    applied: AppliedRule,
    finding: Finding,
    document: Document,
    identity: Identity,
    judged: Judged | None = None,
    container: Container | None = None,
    suppressed: str | None = None,
) -> Ruling:
    return Ruling(
        applied.rule,
        applied.rank,
        finding,
        effective_severity(finding.severity or applied.rule.card.severity, finding.certainty, applied.mode),
        applied.mode,
        document,
        identity,
        judged,
        container.path if container else None,
        container.name if container else None,
        suppressed,
    )


def merged(by_policy: Iterable[Iterable[Ruling]]) -> Iterator[Ruling]:
    """Let the strictest of several policies speak at each place, where one policy may find several faults."""
    strictest: dict[tuple[object, ...], list[Ruling]] = {}
    for rulings in by_policy:
        places: dict[tuple[object, ...], list[Ruling]] = {}
        for ruling in rulings:
            where = ruling.rule.id, ruling.document, ruling.container_path, ruling.finding.at
            places.setdefault(where, []).append(ruling)
        for place, found in places.items():
            strictest[place] = max(strictest.get(place, found), found, key=_strictness)
    for found in strictest.values():
        yield from found


def _strictness(rulings: list[Ruling]) -> tuple[bool, Severity]:
    return any(ruling.suppressed is None for ruling in rulings), max(ruling.severity for ruling in rulings)
