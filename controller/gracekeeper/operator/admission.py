"""The handler that kopf calls for every review of a workload."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import kopf

from gracekeeper.operator.beside import Beside
from gracekeeper.operator.judgement import judgement
from gracekeeper.operator.recollection import Answered, Recollection
from gracekeeper.operator.review import Answer, current_review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gracekeeper.operator.judges import Judge, Judges
    from gracekeeper.operator.passing import Passing
    from gracekeeper.operator.review import Review

HANDLER: Final = "workloads"
"""The id of the handler, and the last step of the webhook's path."""

WORKLOADS: Final = (
    ("", "pods", "Pod"),
    ("", "replicationcontrollers", "ReplicationController"),
    ("apps", "deployments", "Deployment"),
    ("apps", "statefulsets", "StatefulSet"),
    ("apps", "daemonsets", "DaemonSet"),
    ("apps", "replicasets", "ReplicaSet"),
    ("batch", "jobs", "Job"),
    ("batch", "cronjobs", "CronJob"),
)
"""API group, resource and kind of what is judged in every cluster."""

RESOURCES: Final = tuple((group, plural) for group, plural, _ in WORKLOADS)
"""The resources alone."""

KINDS: Final = frozenset((group, kind) for group, _, kind in WORKLOADS)
"""The kinds alone."""


class Tally(Protocol):
    """Counts what is found."""

    def found(self, rule: str, mode: str) -> None:
        """A finding counts."""


class Admission:
    """Answers reviews of workloads."""

    def __init__(self, passing: Passing, judges: Judges, tally: Tally) -> None:
        """What it needs is made once, for all reviews."""
        self._passing = passing
        self._judges = judges
        self._tally = tally
        self._beside = Beside()
        self._recollection = Recollection()

    def register(self, registry: kopf.OperatorRegistry, resources: Iterable[tuple[str, str]]) -> None:
        """Have kopf call `validate` for these API groups' resources, and for their subresources."""
        for group, plural in resources:
            kopf.on.validate(
                group=group,
                plural=plural,
                subresource="*",
                operations=["CREATE", "UPDATE"],
                id=HANDLER,
                registry=registry,
            )(self.validate)

    def recall(self, review: Review) -> Answer | None:
        """What the same request was answered with before, if that still holds."""
        if review.is_long:
            return None
        answered = self._recollection.of(review, self._judges.of(review.namespace))
        return self._counted(answered) if answered else None

    async def validate(self, warnings: list[str], **_: Any) -> None:  # noqa: ANN401 - kopf passes more than we ask
        """Answer the review that is being served; a long one is judged beside the event loop.

        Any other exception than a denial is our own failure: the server answers it as the settings say.

        Raises:
            kopf.AdmissionError: it is denied.
        """
        review = current_review.get()
        judge = self._judges.of(review.namespace)
        if review.is_long:
            answered = await self._beside(partial(self._answer, review, judge))
        else:
            answered = self._answer(review, judge)
            self._recollection.keep(review, judge, answered)
        answer = review.answer = self._counted(answered)
        warnings.extend(answer.warnings)
        if not answer.allowed:
            raise kopf.AdmissionError(answer.message, code=answer.code)

    def _answer(self, review: Review, judge: Judge) -> Answered:
        reason = self._passing.reason(review)
        if reason:
            return Answered(Answer(audit={"verdict": "pass", "reason": reason}))
        judged = judgement(review, judge)
        return Answered(judged.answer, tuple((each.rule.id, each.mode.value) for each in judged.rulings))

    def _counted(self, answered: Answered) -> Answer:
        for rule, mode in answered.found:
            self._tally.found(rule, mode)
        return answered.answer
