"""The one function: documents and policies in, a verdict out.

The command line, the pipeline, the webhook and the background scan call it; they differ only in where documents come
from and where findings go. It is pure: it reads no file, no clock and no environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.application import Application, AppliedRule, unknown_modes
from gracekeeper_policies.boundary import Misread, Misreadings
from gracekeeper_policies.exception import Exceptions, GraceException, silencer
from gracekeeper_policies.exemption import Exemptions, exemptions_of
from gracekeeper_policies.finding import elided
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.policy import effective_severity
from gracekeeper_policies.process.pod import Images, PodProcesses
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Rule, Subject
from gracekeeper_policies.timeline import timelines_of
from gracekeeper_policies.verdict import Judged, Ruling, Verdict, order
from gracekeeper_policies.watching import Watch, unwatched
from gracekeeper_policies.workload import PodTemplates, Role, Workload, is_workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from gracekeeper_policies.document import Document, Identity
    from gracekeeper_policies.exception import AppliedException, Place
    from gracekeeper_policies.finding import Finding, Severity
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.workload import Container

SECURITY: Final = "security"


def no_images(reference: str) -> Unknown:
    """Know nothing of any image."""
    return Unknown(f"the image {reference} was not read" if reference else "no image is named")


def judge(
    documents: Sequence[Document],
    *,
    policies: Sequence[GracePolicy],
    rules: Sequence[Rule],
    neighbours: Neighbours,
    now: date,
    exceptions: Sequence[GraceException] = (),
    images: Images = no_images,
    kubernetes_version: KubernetesVersion = ASSUMED,
    namespace: str = "default",
    watch: Watch = unwatched,
) -> Verdict:
    """Judge every workload among the documents under every policy that means it.

    `now` is the day, in UTC, that decides what has reached its end; `namespace` is that of objects which name none.
    The verdict does not depend on the order of the documents. `watch` follows the work.
    """
    applications = [Application(policy, rules, neighbours) for policy in policies]
    templates = {(each.group, each.kind): each.path for policy in policies for each in policy.pod_templates}
    laying_out = watch(documents, "Laying out")
    workloads, misread = _workloads(laying_out, templates, neighbours, namespace, kubernetes_version, now)
    laid_out = sorted((_laid_out(workload, images) for workload in workloads), key=_order_of)
    silencers = Exceptions(
        exceptions, now, {each.identity.namespace for each in workloads}, complete=neighbours.complete
    )
    sorted_out = _SortedOut()
    rulings: list[Ruling] = []
    known = {rule.id for rule in rules}
    for each in watch(laid_out, "Judging"):
        own = sorted_out.add(each, applications)
        if own:
            exemptions = exemptions_of(each.workload, known)
            misread += exemptions.misread
            silence = _Silence(each.workload, exemptions, silencers.about(each.workload))
            rulings += _merged([list(_rulings(each, application, silence)) for application in own])
    rulings += _merged([list(_on_exceptions(silencers, application)) for application in applications])
    misread += unknown_modes(documents, policies)
    return Verdict(
        len(documents),
        tuple(sorted_out.judged),
        tuple(sorted_out.out_of_scope),
        tuple(sorted(misread, key=_place)),
        tuple(sorted(rulings, key=lambda ruling: ruling.sort_key)),
        tuple(sorted_out.unmeant),
        tuple(sorted({name for application in applications for name in application.undecided})),
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
    documents: Iterable[Document],
    templates: PodTemplates,
    neighbours: Neighbours,
    namespace: str,
    kubernetes: KubernetesVersion,
    now: date,
) -> tuple[list[Workload], list[Misread]]:
    workloads: list[Workload] = []
    misread: list[Misread] = []
    for document in documents:
        if is_workload(document, templates):
            read = read_workload(
                document, neighbours, namespace=namespace, kubernetes=kubernetes, now=now, templates=templates
            )
            if isinstance(read, Misreadings):
                misread += read.fields
            else:
                workloads.append(read)
    return workloads, misread


def _order_of(judged: Judged) -> tuple[object, ...]:
    return order(judged.workload.document, judged.workload.identity)


def _laid_out(workload: Workload, images: Images) -> Judged:
    return Judged(workload, timelines_of(PodProcesses(workload, images)))


class _SortedOut:
    """Workloads by what the policies make of them."""

    def __init__(self) -> None:
        self.judged: list[Judged] = []
        self.out_of_scope: list[Judged] = []
        self.unmeant: list[Judged] = []

    def add(self, each: Judged, applications: Sequence[Application]) -> list[Application]:
        """Put a workload in its place, and give the policies that judge it."""
        meant = [application for application in applications if application.means(each.workload)]
        own = [application for application in meant if application.has_in_scope(each.runtimes)]
        place = self.judged if own else self.out_of_scope if meant else self.unmeant
        place.append(each)
        return own


@dataclass(frozen=True)
class _Silence:
    """What may silence findings of one workload: its annotations, and the exceptions that mean it."""

    workload: Workload
    exemptions: Exemptions
    exceptions: Sequence[AppliedException]

    def on(self, applied: AppliedRule, policy: GracePolicy, place: Place) -> str | None:
        """What silences a finding there; None where nothing does."""
        exception = silencer(self.exceptions, applied.rule.id, place)
        if not applied.exemptible:
            return None
        own = self.exemptions.suppression(applied.rule.id) if policy.allow_annotation_exemptions else None
        return (own and self.workload.elision(own)) or (str(exception) if exception else None)


def _rulings(judged: Judged, application: Application, silence: _Silence) -> Iterator[Ruling]:
    workload = judged.workload
    rules = application.rules_in(workload.identity.namespace)
    for exception in silence.exceptions:
        exception.judged.update(applied.rule.id for applied in rules)
    for applied in rules:
        for container, subject in _subjects(applied.rule, judged):
            for finding in applied.rule.check(subject, applied.parameters):
                suppressed = silence.on(applied, application.policy, (workload.document, finding.at))
                shown, whose = elided(finding, workload.elision), container or workload.container_at(finding.at)
                yield _ruling(applied, shown, workload.document, workload.identity, workload, whose, suppressed)


def _on_exceptions(exceptions: Exceptions, application: Application) -> Iterator[Ruling]:
    for each in exceptions.applied:
        document, identity = each.exception.document, each.exception.identity
        meant = application.means_namespace(identity.namespace)
        for applied in application.rules_in(identity.namespace) if meant else ():
            if applied.rule.subject is Subject.EXCEPTION:
                for finding in applied.rule.check(each, applied.parameters):
                    yield _ruling(applied, finding, document, identity)


def _ruling(
    applied: AppliedRule,
    finding: Finding,
    document: Document,
    identity: Identity,
    workload: Workload | None = None,
    container: Container | None = None,
    suppressed: str | None = None,
) -> Ruling:
    severity = effective_severity(finding.severity or applied.rule.card.severity, finding.certainty, applied.mode)
    return Ruling(
        applied.rule,
        applied.rank,
        finding,
        severity,
        applied.mode,
        document,
        identity,
        workload,
        container,
        suppressed,
    )


def _subjects(rule: Rule, judged: Judged) -> Iterator[tuple[Container | None, object]]:
    if rule.subject is Subject.WORKLOAD:
        yield None, judged.workload
        return
    if rule.subject is Subject.POD:
        yield from ((None, timeline.process.pod) for timeline in judged.timelines[:1])
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
            places.setdefault((ruling.rule.id, ruling.document, ruling.container, ruling.finding.at), []).append(ruling)
        for place, found in places.items():
            strictest[place] = max(strictest.get(place, found), found, key=_strictness)
    for found in strictest.values():
        yield from found


def _strictness(rulings: list[Ruling]) -> tuple[bool, Severity]:
    return any(ruling.suppressed is None for ruling in rulings), max(ruling.severity for ruling in rulings)
