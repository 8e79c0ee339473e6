"""The handler that kopf calls: it answers every review, and its own failures deny nobody by accident."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import kopf
import pytest

from gracekeeper.operator.admission import WORKLOADS, Admission
from gracekeeper.operator.passing import Passing
from gracekeeper.operator.review import LARGE_BYTES, Answer, Review, current_review

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.operator.judgement import Judgement
    from gracekeeper.operator.judges import Judge, Judges

    Values = dict[str, Any]
    Reviewed = Callable[..., Review]
    Judged = Callable[..., Judges]


class Counted:
    """Remembers what became of reviews."""

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self.seen: list[str] = []

    def judged(self, _review: Review, judgement: Judgement) -> None:
        """Count a verdict."""
        self.seen.append(judgement.verdict)

    def passed(self, _review: Review) -> None:
        """Count one that passed."""
        self.seen.append("pass")

    def failed(self, _review: Review, *, admitted: bool) -> None:
        """Count a failure."""
        self.seen.append(f"failed, admitted {admitted}")


class Broken:
    """A judge that fails in everything, and quotes a secret as it does."""

    def of(self, _namespace: str) -> Judge:
        """Fail."""
        raise KeyError("hunter2")


@pytest.fixture
def tally() -> Counted:
    """What was counted."""
    return Counted()


def admission(judges: object, tally: Counted, *, denies_when_failing: bool = False) -> Admission:
    """A handler with these judges."""
    return Admission(Passing((), set()), judges, tally, denies_when_failing=denies_when_failing)  # type: ignore[arg-type]


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
    assert tally.seen == ["deny"]


def test_who_is_admitted_raises_nothing(reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted) -> None:
    """Kopf admits what no handler objects to."""
    answer, warnings, error = validated(admission(judges(), tally), reviewed(deployment))
    assert (answer, warnings, error) == (Answer(audit={"verdict": "allow"}), [], None)
    assert tally.seen == ["allow"]


def test_who_passes_is_told_nothing_and_counted_apart(
    reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted
) -> None:
    """The audit event says why there was no verdict."""
    answer, _, _ = validated(admission(judges(), tally), reviewed(deployment, deployment))
    assert answer == Answer(audit={"verdict": "pass", "reason": "changes nothing that runs"})
    assert tally.seen == ["pass"]


def test_our_own_failure_admits_and_says_so(reviewed: Reviewed, deployment: Values, tally: Counted) -> None:
    """Kopf would make a denial of any exception, whatever the failure policy says."""
    answer, warnings, error = validated(admission(Broken(), tally), reviewed(deployment))
    assert error is None
    assert warnings == ["Gracekeeper itself failed (KeyError): this was admitted without a verdict"]
    assert answer is not None
    assert answer.audit == {"verdict": "error"}
    assert tally.seen == ["failed, admitted True"]


def test_our_own_failure_denies_where_settings_say_so(reviewed: Reviewed, deployment: Values, tally: Counted) -> None:
    """500 and not 403: nobody did anything wrong but we."""
    handler = admission(Broken(), tally, denies_when_failing=True)
    answer, warnings, error = validated(handler, reviewed(deployment))
    assert error is not None
    assert error.code == 500
    assert str(error).startswith("Gracekeeper itself failed (KeyError), and onInternalError is deny")
    assert answer is not None
    assert (answer.reason, warnings) == ("InternalError", [])
    assert tally.seen == ["failed, admitted False"]


@pytest.mark.parametrize("denies", [True, False])
def test_what_failed_quotes_no_manifest(denies: bool, reviewed: Reviewed, deployment: Values, tally: Counted) -> None:
    """An exception's own text may hold a secret."""
    answer, warnings, error = validated(admission(Broken(), tally, denies_when_failing=denies), reviewed(deployment))
    assert "hunter2" not in f"{answer} {warnings} {error}"


def test_a_large_review_is_judged_beside_the_event_loop(
    reviewed: Reviewed, judges: Judged, deployment: Values, tally: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours are answered meanwhile."""
    threads: list[bool] = []

    def judged(*_: object) -> None:
        threads.append(threading.current_thread() is threading.main_thread())

    monkeypatch.setattr(tally, "judged", judged)
    handler = admission(judges(), tally)
    validated(handler, reviewed(deployment))
    deployment["metadata"]["annotations"] = {"example.com/notes": "x" * LARGE_BYTES}
    validated(handler, reviewed(deployment))
    assert threads == [True, False]


def test_kopf_knows_the_handler_for_every_workload(judges: Judged, tally: Counted) -> None:
    """One handler for all, so that one review is judged once."""
    registry = kopf.OperatorRegistry()
    admission(judges(), tally).register(registry, WORKLOADS)
    handlers = registry._webhooks.get_all_handlers()
    assert {handler.id for handler in handlers} == {"workloads"}
    assert {(handler.selector.group, handler.selector.plural) for handler in handlers if handler.selector} == {
        (group, plural) for group, plural, _ in WORKLOADS
    }
    assert {handler.subresource for handler in handlers} == {"*"}
