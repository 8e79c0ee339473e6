"""The one function: documents and policies in, a verdict out.

The command line, the pipeline, the webhook and the background scan call it; they differ only in where documents come
from and where findings go. It is pure: it reads no file, no clock and no environment.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.application import Application, unknown_modes
from gracekeeper_policies.boundary import Misread, Misreadings
from gracekeeper_policies.exception import AppliedException, Exceptions, GraceException
from gracekeeper_policies.exemption import exemptions_of
from gracekeeper_policies.hearing import Heard, Silence, Standing, rulings_of, rulings_on, untold
from gracekeeper_policies.kinds import is_workload, template_path
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.likeness import Likenesses
from gracekeeper_policies.process.image import UNREAD, ImageConfig, UnreadImage
from gracekeeper_policies.process.pod import Images, PodProcesses
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.timeline import timelines_of
from gracekeeper_policies.verdict import Judged, Laid, Verdict, order
from gracekeeper_policies.watching import Watch, unwatched
from gracekeeper_policies.workload import Workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from gracekeeper_policies.document import Document
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.rule import Rule


REMEMBERED: Final = 1024
"""More moulds than one repository's workloads come from."""


def no_images(reference: str) -> Unknown:
    """Know nothing of any image."""
    return UNREAD if reference else Unknown("no image is named")


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
    judging = Judging(policies, rules, neighbours, now, exceptions, images, kubernetes_version, namespace)
    return judging.verdict(documents, map(judging.hear, watch(judging.workloads(documents), "Judging")))


class Judging:
    """What `judge` does, for callers that hear workloads one by one or in several processes.

    The arguments are those of `judge`. Each workload's part is pure but for what it tells the exceptions.
    """

    def __init__(
        self,
        policies: Sequence[GracePolicy],
        rules: Sequence[Rule],
        neighbours: Neighbours,
        now: date,
        exceptions: Sequence[GraceException] = (),
        images: Images = no_images,
        kubernetes_version: KubernetesVersion = ASSUMED,
        namespace: str = "default",
        remembered: int = REMEMBERED,
    ) -> None:
        """Work out what is the same for all workloads; `remembered` of them serve others that are like them."""
        self.applications = tuple(Application(policy, rules, neighbours) for policy in policies)
        self.exceptions = Exceptions(exceptions, now, complete=neighbours.complete)
        self._policies = policies
        self._templates = {(each.group, each.kind): each.path for policy in policies for each in policy.pod_templates}
        self._rules = frozenset(rule.id for rule in rules)
        self._images = images
        self._likenesses = Likenesses(
            policies,
            neighbours,
            self.exceptions.applied,
            images=None if images is no_images else images,
            most=remembered,
        )
        self._namespace = namespace
        self._read = partial(
            read_workload,
            neighbours=neighbours,
            namespace=namespace,
            kubernetes=kubernetes_version,
            now=now,
            templates=self._templates,
        )

    def workloads(self, documents: Iterable[Document]) -> list[Document]:
        """Those among the documents that are of a kind that runs pods, in the order of a report."""
        found = (document for document in documents if template_path(document, self._templates) is not None)
        return sorted(found, key=lambda document: order(document, document.identity(self._namespace)))

    def hear(self, document: Document) -> Heard:
        """Judge one workload."""
        if not is_workload(document, self._templates):
            return Heard(Standing.EMPTY, None)
        identity, template = document.identity(self._namespace), template_path(document, self._templates) or ()
        likeness = self._likenesses.of(document, template, identity)
        if likeness is None:
            return self._hear(document)
        heard = self._likenesses.recall(likeness, document, identity, self._lay_out)
        if heard is None:
            heard = self._hear(document)
            self._likenesses.remember(likeness, heard)
        return heard

    def _hear(self, document: Document) -> Heard:
        workload = self._read(document)
        if isinstance(workload, Misreadings):
            return Heard(Standing.UNREAD, None, workload.fields)
        judged = Judged(document, workload.identity, self._lay_out)
        judged.keep(self._laid(workload))
        heard = self._heard(judged)
        judged.release()
        return heard

    def notes(self) -> Notes:
        """What hearing has left with the policies and the exceptions, for `take_notes` in another process."""
        undecided = tuple(frozenset(application.undecided) for application in self.applications)
        return Notes(undecided, self.exceptions.applied)

    def take_notes(self, notes: Notes) -> None:
        """Learn what another process heard."""
        for application, undecided in zip(self.applications, notes.undecided, strict=True):
            application.undecided |= undecided
        for own, other in zip(self.exceptions.applied, notes.exceptions, strict=True):
            own.learn(other)

    def verdict(self, documents: Sequence[Document], heard: Iterable[Heard]) -> Verdict:
        """Sum up what came of the workloads among the documents, and judge the exceptions."""
        heard = list(heard)
        rulings = [ruling for each in heard for ruling in each.rulings]
        rulings += rulings_on(self.exceptions, self.applications)
        misread = [field for each in heard for field in each.misread]
        misread += unknown_modes(documents, self._policies)
        return Verdict(
            len(documents),
            _standing(heard, Standing.JUDGED),
            _standing(heard, Standing.OUT_OF_SCOPE),
            tuple(sorted(misread, key=_place)),
            tuple(sorted(rulings, key=lambda ruling: ruling.sort_key)),
            _standing(heard, Standing.UNMEANT),
            tuple(sorted({name for application in self.applications for name in application.undecided})),
        )

    def _lay_out(self, document: Document) -> Laid:
        workload = self._read(document)
        if isinstance(workload, Misreadings):
            raise TypeError(document.origin)
        return self._laid(workload)

    def _laid(self, workload: Workload) -> Laid:
        processes = PodProcesses(workload, self._images)
        for image in (process.image for process in processes.all):
            if isinstance(image, ImageConfig | UnreadImage):
                workload.learn(*image.texts)
        return Laid(workload, timelines_of(processes))

    def _heard(self, judged: Judged) -> Heard:
        workload = judged.workload
        self.exceptions.surround(workload.identity.namespace)
        meant = [application for application in self.applications if application.means(workload)]
        own = [application for application in meant if application.has_in_scope(judged.runtimes)]
        if not own:
            return Heard(Standing.OUT_OF_SCOPE if meant else Standing.UNMEANT, judged)
        exemptions = exemptions_of(workload, self._rules)
        silence = Silence(workload, exemptions, self.exceptions.about(workload))
        judged.untold = tuple(untold(judged))
        return Heard(Standing.JUDGED, judged, exemptions.misread, rulings_of(judged, own, silence))


class Notes(Struct, frozen=True):
    """What the policies and the exceptions have learned from workloads: in the order of both."""

    undecided: tuple[frozenset[str], ...]
    exceptions: tuple[AppliedException, ...]


def _standing(heard: Iterable[Heard], standing: Standing) -> tuple[Judged, ...]:
    return tuple(each.judged for each in heard if each.standing is standing and each.judged is not None)


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
