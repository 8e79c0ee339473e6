"""The handler that kopf calls: it answers every review, and its own failures deny nobody by accident."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import kopf
import pytest

from gracekeeper.operator.admission import Admission
from gracekeeper.operator.judgement import Judgement, judgement
from gracekeeper.operator.passing import Passing
from gracekeeper.operator.review import LONG_BYTES, Answer, Review, current_review

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.operator.judges import Judge, Judges

    Values = dict[str, Any]
    Reviewed = Callable[..., Review]
    Judged = Callable[..., Judges]


class Counted:
    """Remembers what was found."""

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self.rules: list[tuple[str, str]] = []

    def found(self, rule: str, mode: str) -> None:
        """Count a finding."""
        self.rules.append((rule, mode))


@pytest.fixture
def tally() -> Counted:
    """What was counted."""
    return Counted()


def admission(judges: object, tally: Counted) -> Admission:
    """A handler with these judges."""
    return Admission(Passing((), set()), judges, tally)  # type: ignore[arg-type]


def validated(handler: Admission, review: Review) -> tuple[Answer | None, list[str], kopf.AdmissionError | None]:
    """Call the handler as kopf does: the answer that it leaves, the warnings, and what it raises."""

    async def call() -> tuple[Answer | None, list[str], kopf.AdmissionError | None]:
        current_review.set(review)
        warnings: list[str] = []
        try:
            await handler.validate(warnings, body={}, operation="CREATE")
        except kopf.AdmissionError as error:
            return review.answer, warnings, error
        return review.answer, warnings, None

    return asyncio.run(call())


def test_a_denial_is_what_kopf_takes_for_one(
    reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted
) -> None:
    """403 and the whole message; what only warns stands beside it."""
    deployment["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    answer, warnings, error = validated(admission(judges(), tally), reviewed(deployment))
    assert answer is not None
    assert error is not None
    assert (error.code, str(error)) == (403, answer.message)
    assert (answer.allowed, answer.reason, answer.audit["verdict"]) == (False, "Forbidden", "deny")
    assert warnings == list(answer.warnings) != []
    assert ("run-as-root", "enforce") in tally.rules


def test_who_is_admitted_raises_nothing(reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted) -> None:
    """Kopf admits what no handler objects to."""
    answer, warnings, error = validated(admission(judges(), tally), reviewed(deployment))
    assert (answer, warnings, error) == (Answer(audit={"verdict": "allow"}), [], None)
    assert tally.rules == []


def test_who_passes_is_told_nothing(reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted) -> None:
    """The audit event says why there was no verdict."""
    answer, _, _ = validated(admission(judges(), tally), reviewed(deployment, deployment))
    assert answer == Answer(audit={"verdict": "pass", "reason": "changes nothing that runs"})
    assert tally.rules == []


def test_our_own_failure_is_left_to_the_server(reviewed: Reviewed, deployment: Values, tally: Counted) -> None:
    """It answers as the settings say; an answer of our own would be a verdict."""
    review = reviewed(deployment)
    with pytest.raises(AttributeError):
        validated(admission(None, tally), review)
    assert review.answer is None


def test_a_large_review_is_judged_beside_the_event_loop(
    reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours are answered meanwhile."""
    beside: list[bool] = []

    def watched(review: Review, judge: Judge) -> Judgement:
        beside.append(threading.current_thread() is not threading.main_thread())
        return judgement(review, judge)

    monkeypatch.setattr("gracekeeper.operator.admission.judgement", watched)
    handler = admission(judges(), tally)
    validated(handler, reviewed(deployment))
    deployment["metadata"]["annotations"] = {"example.com/notes": "x" * LONG_BYTES}
    validated(handler, reviewed(deployment))
    assert [False, True] == beside


def test_who_asks_again_is_answered_without_a_judge(
    reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted
) -> None:
    """The findings count once more; a large object is not remembered."""
    deployment["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    handler = admission(judges(), tally)
    assert handler.recall(reviewed(deployment)) is None
    answer, _, _ = validated(handler, reviewed(deployment))
    counted = len(tally.rules)

    assert handler.recall(reviewed(deployment)) == answer
    assert tally.rules[counted:] == tally.rules[:counted] != []

    deployment["metadata"]["annotations"] = {"example.com/notes": "x" * LONG_BYTES}
    validated(handler, reviewed(deployment))
    assert handler.recall(reviewed(deployment)) is None
