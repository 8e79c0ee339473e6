"""The handler that kopf calls for every review of a workload: thin, and never the cause of a denial by accident."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol

import kopf
import structlog

from gracekeeper.operator.judgement import judgement
from gracekeeper.operator.review import Answer, current_review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gracekeeper.operator.judgement import Judgement
    from gracekeeper.operator.judges import Judge, Judges
    from gracekeeper.operator.passing import Passing
    from gracekeeper.operator.review import Review

_log: Final = structlog.get_logger(__name__)

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

_FAULT: Final = 500


class Tally(Protocol):
    """Counts what becomes of reviews."""

    def judged(self, review: Review, judgement: Judgement) -> None:
        """A review was judged."""

    def passed(self, review: Review) -> None:
        """A review passed without a verdict."""

    def failed(self, review: Review, *, admitted: bool) -> None:
        """We failed on a review."""


class Admission:
    """Answers reviews of workloads. `denies_when_failing` says what becomes of one on which we fail ourselves."""

    def __init__(self, passing: Passing, judges: Judges, tally: Tally, *, denies_when_failing: bool) -> None:
        """What it needs is made once, for all reviews."""
        self._passing = passing
        self._judges = judges
        self._tally = tally
        self._denies_when_failing = denies_when_failing

    def register(self, registry: kopf.OperatorRegistry, resources: Iterable[tuple[str, str, str]]) -> None:
        """Have kopf call `validate` for these resources, and for the subresources that change what runs."""
        for group, plural, _ in resources:
            kopf.on.validate(
                group=group,
                plural=plural,
                subresource="*",
                operations=["CREATE", "UPDATE"],
                id=HANDLER,
                registry=registry,
            )(self.validate)

    async def validate(self, warnings: list[str], **_: Any) -> None:  # noqa: ANN401 - kopf passes more than we ask
        """Answer the review that is being served.

        Raises:
            kopf.AdmissionError: it is denied.
        """
        review = current_review.get()
        answer = review.answer = await self.answer(review)
        warnings.extend(answer.warnings)
        if not answer.allowed:
            raise kopf.AdmissionError(answer.message, code=answer.code)

    async def answer(self, review: Review) -> Answer:
        """Judge a review, a large one beside the event loop, and answer it whatever happens."""
        try:
            judge = self._judges.of(review.namespace)
            if review.is_large:
                return await asyncio.to_thread(self._answer, review, judge)
            return self._answer(review, judge)
        except Exception as error:  # noqa: BLE001 - whatever we did wrong denies nobody by accident
            return self._failed(review, error)

    def _answer(self, review: Review, judge: Judge) -> Answer:
        reason = self._passing.reason(review)
        if reason:
            self._tally.passed(review)
            return Answer(audit={"verdict": "pass", "reason": reason})
        judged = judgement(review, judge)
        self._tally.judged(review, judged)
        return judged.answer

    def _failed(self, review: Review, error: Exception) -> Answer:
        admitted = not self._denies_when_failing
        self._tally.failed(review, admitted=admitted)
        _log.error("review_failed", admitted=admitted, exc_info=error)
        said = f"Gracekeeper itself failed ({type(error).__name__})"
        return Answer(
            allowed=admitted,
            message=f"{said}, and onInternalError is deny: nothing is admitted without a verdict",
            code=_FAULT,
            reason="InternalError",
            warnings=(f"{said}: this was admitted without a verdict",) if admitted else (),
            audit={"verdict": "error"},
        )
