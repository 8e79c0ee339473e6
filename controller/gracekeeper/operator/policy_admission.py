"""The handler that kopf calls for every review of a policy or an exception: what cannot be read is not let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import kopf

from gracekeeper.operator.policy_objects import sentence
from gracekeeper.operator.review import Answer, current_review
from gracekeeper.operator.statuses import spelled, unreviewed
from gracekeeper.policyfiles.crds import GROUP, RESOURCES
from gracekeeper_policies.document import Document
from gracekeeper_policies.exception import GraceException
from gracekeeper_policies.policy import GracePolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from gracekeeper.operator.policies import PoliciesLive
    from gracekeeper.operator.review import Review
    from gracekeeper.settings import ExtraKind
    from gracekeeper_policies.boundary import Misread

HANDLER: Final = "policies"
"""The id of the handler, and the last step of the webhook's path."""


class PolicyAdmission:
    """Answers reviews of policies and exceptions."""

    def __init__(self, policies: PoliciesLive, extra: Sequence[ExtraKind], today: Callable[[], date]) -> None:
        """`policies` are those beside which an object is read, `extra` the further kinds that we are asked about."""
        self._policies = policies
        self._extra = extra
        self._today = today

    def register(self, registry: kopf.OperatorRegistry) -> None:
        """Have kopf call `validate` for both kinds."""
        for each in RESOURCES:
            kopf.on.validate(
                group=GROUP, plural=each.plural, operations=["CREATE", "UPDATE"], id=HANDLER, registry=registry
            )(self.validate)

    async def validate(self, warnings: list[str], **_: Any) -> None:  # noqa: ANN401 - kopf passes more than we ask
        """Answer the review that is being served.

        Raises:
            kopf.AdmissionError: it cannot be read.
        """
        review = current_review.get()
        answer = review.answer = self.answer(review)
        warnings.extend(answer.warnings)
        if not answer.allowed:
            raise kopf.AdmissionError(answer.message, code=answer.code)

    def answer(self, review: Review) -> Answer:
        """Read what somebody wants to write as it will be read once it is there."""
        new = review.object
        if _says_nothing_new(review):
            return Answer(audit={"verdict": "pass"})
        document = Document(new)
        read, complaints = self._policies.tried(document)
        if complaints:
            return Answer(allowed=False, message=_refusal(document, complaints), audit={"verdict": "deny"})
        warnings = tuple(self._vain(read))
        return Answer(warnings=warnings, audit={"verdict": "warn" if warnings else "allow"})

    def _vain(self, read: GracePolicy | GraceException | None) -> Iterator[str]:
        """What has no effect, though it can be read."""
        if isinstance(read, GraceException) and read.expires < self._today():
            yield f"spec.expires: {read.expires} is over, so it silences nothing"
        if isinstance(read, GracePolicy):
            for each in unreviewed(read.pod_templates, self._extra):
                yield f"spec.podTemplates: nobody asks about {spelled(each)}, since --extra-kinds names no such kind"


def _says_nothing_new(review: Review) -> bool:
    """Whether an object is only being deleted, labelled or told of: what was let in once stays as it is."""
    new, old = review.object, review.old_object
    deleted = (new.get("metadata") or {}).get("deletionTimestamp")
    return bool(deleted) or (review.operation == "UPDATE" and new.get("spec") == old.get("spec"))


def _refusal(document: Document, complaints: Sequence[Misread]) -> str:
    name = document.identity("")
    whose = f"{name.kind} {name.namespace}/{name.name}" if name.namespace else f"{name.kind} {name.name}"
    return "\n".join([f"{whose} cannot be read:", *_numbered(complaints)])


def _numbered(complaints: Sequence[Misread]) -> Iterator[str]:
    for number, each in enumerate(complaints, 1):
        yield f"{number:2}. {sentence(each)}"
