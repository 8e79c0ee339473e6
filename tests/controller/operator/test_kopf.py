"""What we hand to kopf is enough for the real one: it finds its handler, and remembers nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import kopf
from kopf._cogs.configs.configuration import OperatorSettings
from kopf._cogs.structs.ephemera import AnyMemo
from kopf._cogs.structs.references import Insights, Resource
from kopf._core.engines.admission import serve_admission_request
from kopf._core.engines.indexing import OperatorIndexers
from kopf._core.intents.registries import OperatorRegistry
from kopf._core.reactor.inventory import ResourceMemories

from gracekeeper.operator.review import Answer, current_review

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

    from kopf import WebhookFn

    from tests.controller.operator.conftest import Webhook

    RunWebhook = Callable[..., AbstractContextManager[Webhook]]
    WriteReview = Callable[..., dict[str, Any]]

DEPLOYMENTS = Resource("apps", "v1", "deployments", namespaced=True, verbs=frozenset({"create", "update"}))


def asking(registry: OperatorRegistry, memories: ResourceMemories) -> WebhookFn:
    """What kopf gives its webhook server to call, in a cluster that knows Deployments."""
    bound = partial(
        serve_admission_request,
        settings=OperatorSettings(),
        memories=memories,
        memobase=AnyMemo(kopf.Memo()),
        registry=registry,
        insights=Insights(webhook_resources={DEPLOYMENTS}),
        indices=OperatorIndexers().indices,
    )
    return cast("WebhookFn", bound)


def test_the_handler_of_the_kind_is_called_and_nothing_is_remembered(webhook: RunWebhook, review: WriteReview) -> None:
    """An entry for each uid of an update would fill the memory in time."""
    registry, memories = OperatorRegistry(), ResourceMemories()
    judged: list[tuple[object, ...]] = []

    @kopf.on.validate("apps", "v1", "deployments", registry=registry)
    async def judge(name: str, namespace: str | None, **given: object) -> None:
        found = current_review.get()
        judged.append((name, namespace, given["operation"], found.object["spec"]))
        found.answer = Answer(allowed=False, message="no")

    with webhook(asking(registry, memories)) as running:
        for uid in ("1", "2", "3"):
            object_ = {"metadata": {"name": "web", "uid": uid}, "spec": {"replicas": 3}}
            status, answer = running.post(review(operation="UPDATE", object=object_, oldObject=object_))
            assert (200, False) == (status, answer["response"]["allowed"])
    assert [("web", "shop", "UPDATE", {"replicas": 3})] * 3 == judged
    assert len(list(memories.iter_all_memories())) <= 1


def test_a_kind_without_a_handler_is_admitted_and_counted(webhook: RunWebhook, review: WriteReview) -> None:
    """A webhook configuration may name a kind before kopf has found it in the cluster."""
    unknown = review(resource={"group": "example.org", "version": "v1", "resource": "widgets"})
    with webhook(asking(OperatorRegistry(), ResourceMemories())) as running:
        status, answer = running.post(unknown)
        assert (200, True) == (status, answer["response"]["allowed"])
        assert 1 == running.metric("gracekeeper_internal_errors_total", reason="not-routed")


def test_an_exception_in_a_handler_does_not_deny(webhook: RunWebhook, review: WriteReview) -> None:
    """For kopf alone it would: with status 500, and the exception's text."""
    registry = OperatorRegistry()

    @kopf.on.validate("apps", "v1", "deployments", registry=registry)
    async def judge(**_: object) -> None:
        raise ValueError("hunter2")

    with webhook(asking(registry, ResourceMemories())) as running:
        status, answer = running.post(review())
        assert (200, True, True) == (status, answer["response"]["allowed"], "hunter2" not in str(answer))
        assert 1 == running.metric("gracekeeper_internal_errors_total", reason="handler")


def test_a_denial_by_exception_is_one(webhook: RunWebhook, review: WriteReview) -> None:
    """`kopf.AdmissionError` with a code of its own is meant."""
    registry = OperatorRegistry()

    @kopf.on.validate("apps", "v1", "deployments", registry=registry)
    async def judge(**_: object) -> None:
        raise kopf.AdmissionError("no such rule", code=422)

    with webhook(asking(registry, ResourceMemories())) as running:
        _, answer = running.post(review())
    assert {"status": "Failure", "message": "no such rule", "reason": "Forbidden", "code": 422} == answer["response"][
        "status"
    ]
