"""From a request to its answer: what kopf is handed, what the API server is told, and what becomes of our failures."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import structlog

from gracekeeper.operator.review import LARGE_BYTES, Answer, current_review

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

    from tests.controller.operator.conftest import Webhook

    RunWebhook = Callable[..., AbstractContextManager[Webhook]]
    WriteReview = Callable[..., dict[str, Any]]

UID = "705ab4f5-6393-11e8-b7cc-42010a800002"


def answer_of(running: Webhook, asked: object) -> dict[str, Any]:
    """The `response` of the answer to a review."""
    status, answer = running.post(asked)
    assert (200, "admission.k8s.io/v1", "AdmissionReview") == (status, answer["apiVersion"], answer["kind"])
    response: dict[str, Any] = answer["response"]
    return response


def test_kopf_is_handed_who_and_what_but_no_contents(webhook: RunWebhook, review: WriteReview) -> None:
    """A copy is made of what kopf is handed, and an entry kept for each uid."""
    handed: list[dict[str, Any]] = []

    async def ask(request: dict[str, Any], **_options: object) -> dict[str, Any]:
        handed.append(request)
        return {"response": {"allowed": True}}

    object_ = {
        "apiVersion": "apps/v1",
        "metadata": {"name": "web", "uid": "1", "managedFields": [{}]},
        "spec": {"a": 1},
    }
    with webhook(ask) as running:
        answer_of(running, review(operation="UPDATE", object=object_, oldObject=object_, dryRun=True))
    assert [
        {
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": UID,
                "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
                "subResource": None,
                "operation": "UPDATE",
                "userInfo": {"username": "ada", "groups": ("developers",)},
                "name": "web",
                "namespace": "shop",
                "dryRun": True,
                "object": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "metadata": {"name": "web", "namespace": "shop"},
                },
            },
        }
    ] == handed


def test_the_handler_finds_the_whole_review_and_its_id_is_bound(webhook: RunWebhook, review: WriteReview) -> None:
    """Reviews run side by side, each with its own."""
    found: list[object] = []

    async def ask(_request: object, **_options: object) -> dict[str, Any]:
        await asyncio.sleep(0.01)
        found.append((current_review.get().object, structlog.contextvars.get_contextvars()))
        return {"response": {"allowed": True}}

    with webhook(ask) as running:
        answer_of(running, review(uid="1", object={"spec": {"replicas": 3}}))
        answer_of(running, review(uid="2", object={"spec": {"replicas": 4}}))
    assert [
        ({"spec": {"replicas": 3}}, {"request_id": "1"}),
        ({"spec": {"replicas": 4}}, {"request_id": "2"}),
    ] == found


def test_the_answer_is_the_one_that_the_handler_left(webhook: RunWebhook, review: WriteReview) -> None:
    """Kopf's own has no room for a reason and audit annotations, and says 500 where a handler raises."""

    async def ask(_request: object, **_options: object) -> dict[str, Any]:
        current_review.get().answer = Answer(
            allowed=False, message="1. no", warnings=("look",), audit={"verdict": "denied"}
        )
        return {"response": {"allowed": False, "status": {"code": 500, "message": "else"}}}

    with webhook(ask) as running:
        assert {
            "uid": UID,
            "allowed": False,
            "status": {"status": "Failure", "message": "1. no", "reason": "Forbidden", "code": 403},
            "warnings": ["look"],
            "auditAnnotations": {"verdict": "denied"},
        } == answer_of(running, review())
        denied = {"kind": "Deployment", "operation": "CREATE", "verdict": "denied"}
        assert 1 == running.metric("gracekeeper_reviews_total", **denied)


def test_a_denial_by_kopf_alone_stays_one(webhook: RunWebhook, review: WriteReview) -> None:
    """A handler may raise `kopf.AdmissionError` with a code of its own."""

    async def ask(_request: object, **_options: object) -> dict[str, Any]:
        return {"response": {"allowed": False, "status": {"code": 422, "message": "no such rule"}, "warnings": ["w"]}}

    with webhook(ask) as running:
        answer = answer_of(running, review())
    assert (False, 422, "no such rule", ["w"]) == (
        answer["allowed"],
        answer["status"]["code"],
        answer["status"]["message"],
        answer["warnings"],
    )


async def crashed(_request: object, **_options: object) -> dict[str, Any]:
    """What kopf answers where a handler raised just anything."""
    return {"response": {"allowed": False, "status": {"code": 500, "message": "ValueError: hunter2"}}}


async def unrouted(_request: object, **_options: object) -> dict[str, Any]:
    """What kopf does with a kind that it has no handler for."""
    raise LookupError("hunter2")


async def hanging(_request: object, **_options: object) -> dict[str, Any]:
    """A handler that never ends."""
    await asyncio.sleep(60)
    return {}


FAILURES = pytest.mark.parametrize(
    ("ask", "reason"), [(crashed, "handler"), (unrouted, "not-routed"), (hanging, "timeout")]
)


@FAILURES
def test_our_failure_admits_and_says_so(ask: object, reason: str, webhook: RunWebhook, review: WriteReview) -> None:
    """Nobody's rollout waits for our mistake to be mended; it is counted, and told without what we had read."""
    with webhook(ask, review_timeout_seconds=0.3) as running:
        answer = answer_of(running, review())
        assert "hunter2" not in str(answer)
        assert {
            "uid": UID,
            "allowed": True,
            "warnings": ["Gracekeeper failed to judge this object and admits it unjudged; its log tells why"],
            "auditAnnotations": {"failed": "open"},
        } == answer
        assert 1 == running.metric("gracekeeper_internal_errors_total", reason=reason)
        assert 1 == running.metric("gracekeeper_failed_open_total")


@FAILURES
def test_our_failure_denies_where_that_is_wanted(
    ask: object, reason: str, webhook: RunWebhook, review: WriteReview
) -> None:
    """`on_internal_error: deny` prefers that nothing passes unjudged."""
    with webhook(ask, review_timeout_seconds=0.3, on_internal_error="deny") as running:
        answer = answer_of(running, review())
        assert (False, 500, "InternalError") == (
            answer["allowed"],
            answer["status"]["code"],
            answer["status"]["reason"],
        )
        assert 1 == running.metric("gracekeeper_internal_errors_total", reason=reason)
        assert 0 == running.metric("gracekeeper_failed_open_total")


def test_large_reviews_wait_for_each_other_but_not_for_ever(webhook: RunWebhook, review: WriteReview) -> None:
    """Two of them fill the memory enough; small ones pass beside them."""
    begun = threading.Semaphore(0)

    async def slow(_request: object, **_options: object) -> dict[str, Any]:
        if current_review.get().is_long:
            begun.release()
            await asyncio.sleep(1.5)
        return {"response": {"allowed": True}}

    large = review(object={"data": "x" * LARGE_BYTES})
    with webhook(slow, review_timeout_seconds=1.0) as running:
        asking = [threading.Thread(target=running.post, args=(large,)) for _ in range(2)]
        for each in asking:
            each.start()
            assert begun.acquire(timeout=5)
        assert 200 == running.post(review())[0]
        for each in asking:
            each.join()
        assert 200 == running.post(large)[0]


def test_a_large_review_that_finds_no_room_is_told_so(webhook: RunWebhook, review: WriteReview) -> None:
    """Its uid was not read, so there is no review to answer; the webhook's failure policy decides."""
    begun, told = threading.Semaphore(0), threading.Event()

    async def stubborn(_request: object, **_options: object) -> dict[str, Any]:
        begun.release()
        while not told.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)
        return {"response": {"allowed": True}}

    large = review(object={"data": "x" * LARGE_BYTES})
    with webhook(stubborn, review_timeout_seconds=2.0) as running:
        asking = [threading.Thread(target=running.post, args=(large,)) for _ in range(2)]
        for each in asking:
            each.start()
            assert begun.acquire(timeout=30)
        status, answer = running.post(large)
        told.set()
        assert (503, "2 large reviews are under way, and none of them ended in time.") == (status, answer["message"])
        for each in asking:
            each.join()


def test_a_review_of_two_large_objects_passes(webhook: RunWebhook, review: WriteReview) -> None:
    """Kopf's own server ends at 1 MiB; an update of two objects of 1.4 MB is about 3 MB."""
    object_ = {"metadata": {"annotations": {"notes": "x" * 1_400_000}}}
    with webhook() as running:
        assert answer_of(running, review(operation="UPDATE", object=object_, oldObject=object_))["allowed"]
