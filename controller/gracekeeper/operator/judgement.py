"""From a review to its answer: what is found, what of that denies, and what is only said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.operator.ratchet import added, key_of
from gracekeeper.operator.review import Answer
from gracekeeper.reports import admission as report
from gracekeeper_policies.document import Document
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.hearing import Heard, Standing
from gracekeeper_policies.policy import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper.operator.judges import Judge
    from gracekeeper.operator.review import Review
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.judge import Judging
    from gracekeeper_policies.verdict import Ruling


class Judgement(Struct, frozen=True):
    """What came of a review: the rulings that count, those of them that deny, and what could not be read."""

    rulings: tuple[Ruling, ...] = ()
    denying: tuple[Ruling, ...] = ()
    misread: tuple[Misread, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """One word: `deny`, `warn` or `allow`."""
        if self.denying:
            return "deny"
        said = self.misread or any(ruling.severity >= Severity.WARNING for ruling in self.rulings)
        return "warn" if said else "allow"

    @property
    def answer(self) -> Answer:
        """What the API server is answered."""
        others = [ruling for ruling in self.rulings if ruling not in self.denying]
        return Answer(
            allowed=not self.denying,
            message=report.denial(self.denying, self.policies) if self.denying else "",
            warnings=report.warnings(others, self.misread),
            audit=report.audit(self.verdict, self.rulings),
        )


def judgement(review: Review, judge: Judge) -> Judgement:
    """Judge the object of a review; on an update, only what it adds denies."""
    document = Document(review.object)
    heard = _heard(judge.judging, document)
    rulings = _that_count(heard)
    denying = [ruling for ruling in rulings if denies(ruling)]
    if denying and review.operation == "UPDATE":
        denying = _of_the_update(denying, Document(review.old_object), judge)
    policies = _names(judge.judging, heard) if denying else ()
    return Judgement(tuple(rulings), tuple(denying), heard.misread, policies)


def denies(ruling: Ruling) -> bool:
    """Only a proven error in mode enforce does; a doubt or another mode has lowered the severity already."""
    return ruling.mode is Mode.ENFORCE and ruling.severity is Severity.ERROR


def _of_the_update(denying: Sequence[Ruling], old: Document, judge: Judge) -> list[Ruling]:
    """What the old object did not have, and what a policy denies even so."""
    before = filter(denies, _that_count(_heard(judge.judging, old)))
    fresh = added(denying, before)
    if judge.unforgiving is None:
        return fresh
    whole = _that_count(_heard(judge.unforgiving, denying[0].document))
    held = {key_of(ruling) for ruling in whole if denies(ruling)}
    return [ruling for ruling in denying if ruling in fresh or key_of(ruling) in held]


def _heard(judging: Judging, document: Document) -> Heard:
    if not judging.workloads((document,)):
        return Heard(Standing.UNMEANT, None)
    return judging.hear(document)


def _that_count(heard: Heard) -> list[Ruling]:
    counted = (ruling for ruling in heard.rulings if ruling.suppressed is None)
    return sorted(counted, key=lambda ruling: ruling.sort_key)


def _names(judging: Judging, heard: Heard) -> tuple[str, ...]:
    """The policies that mean the workload."""
    if heard.judged is None:
        return ()
    workload = heard.judged.workload
    return tuple(each.policy.name for each in judging.applications if each.means(workload))
