"""From an HTTP request to a verdict's answer: what kopf's own server does, bounded in size and time.

kopf copies the object that it is handed, compares it with the old one and remembers an entry for each uid, for ever. So
it gets identity only, and routes by that; the handler finds the whole review in `current_review`, and leaves its
answer there. What goes wrong on our side ends as `on_internal_error` says; kopf alone would deny with status 500.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import structlog
from aiohttp import web

from gracekeeper.operator.refusal import RefusalError
from gracekeeper.operator.review import API_VERSION, KIND, LARGE_BYTES, Answer, Review, current_review, decode, encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import TypeAlias

    import kopf

    from gracekeeper.operator.metrics import Metrics
    from gracekeeper.settings import OperatorSettings

    Recall: TypeAlias = Callable[[Review], Answer | None]

MAX_VALUES: Final = 250_000
"""Values in a review, counted generously; 3 MB of environment variables are 90,000. Each takes up to 200 bytes."""

_JSON: Final = "application/json"
_LARGE_AT_ONCE: Final = 2

log = structlog.get_logger(__name__)


class Reviewing:
    """Answers admission reviews, by kopf's handlers."""

    def __init__(self, settings: OperatorSettings, metrics: Metrics, ask: kopf.WebhookFn, recall: Recall) -> None:
        """`recall` gives the answer to a review that need not be judged again."""
        self._settings = settings
        self._metrics = metrics
        self._ask = ask
        self._recall = recall
        self._max_bytes = settings.max_body_mib * 2**20
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        """Answer one request.

        Raises:
            RefusalError: it is no admission review.
        """
        deadline = asyncio.get_running_loop().time() + self._settings.review_timeout_seconds
        self._look_at_head(request)
        with self._metrics.review_seconds.time():
            async with self._room(request, deadline):
                review = _decoded(await self._body(request))
                answer = await self._answer(review, deadline)
        return web.Response(body=encode(review, answer), content_type=_JSON)

    def _look_at_head(self, request: web.BaseRequest) -> None:
        if request.method != "POST":
            raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, f"Reviews are sent by POST, not {request.method}.")
        if request.content_type != _JSON or "Content-Encoding" in request.headers:
            raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Reviews are {_JSON}, not compressed.")
        if (request.content_length or 0) > self._max_bytes:
            raise self._too_large()

    def _too_large(self) -> RefusalError:
        told = f"The review is larger than {self._settings.max_body_mib} MiB (GRACEKEEPER_MAX_BODY_MIB)."
        return RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told)

    def _room(self, request: web.BaseRequest, deadline: float) -> AbstractAsyncContextManager[None]:
        # Many small bodies or few large ones: either way they fit into the memory. No length counts as large.
        small = request.content_length is not None and request.content_length <= LARGE_BYTES
        return nullcontext() if small else self._large_one(deadline)

    @asynccontextmanager
    async def _large_one(self, deadline: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(deadline):
                await self._large.acquire()
        except TimeoutError:
            told = f"{_LARGE_AT_ONCE} large reviews are under way, and none of them ended in time."
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, told) from None
        try:
            yield
        finally:
            self._large.release()

    async def _body(self, request: web.BaseRequest) -> bytearray:
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.read_timeout_seconds):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > self._max_bytes:
                        raise self._too_large()
        except TimeoutError:
            told = f"The review did not arrive within {self._settings.read_timeout_seconds:g} s."
            raise RefusalError(HTTPStatus.REQUEST_TIMEOUT, told) from None
        return body

    async def _answer(self, review: Review, deadline: float) -> Answer:
        structlog.contextvars.bind_contextvars(request_id=review.uid)
        try:
            answer = self._recall(review) or await self._asked(review, deadline)
        except TimeoutError:
            return self._failed(review, "timeout")
        except Exception:
            log.exception("review_not_routed", resource=review.resource.resource)
            return self._failed(review, "not-routed")
        if review.answer is None and answer.code == HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._failed(review, "handler")
        self._count(review, answer, _verdict(answer))
        return answer

    async def _asked(self, review: Review, deadline: float) -> Answer:
        current_review.set(review)
        async with asyncio.timeout_at(deadline):
            told = await self._ask(cast("Any", _slim(review)))
        return review.answer or _of_kopf(told["response"])

    def _failed(self, review: Review, reason: str) -> Answer:
        _look_at_objects(review)
        deny = self._settings.on_internal_error == "deny"
        self._metrics.internal_errors.labels(reason).inc()
        log.error("review_failed", reason=reason, admitted=not deny)
        answer = _FAILED_CLOSED if deny else _FAILED_OPEN
        if not deny:
            self._metrics.failed_open.inc()
        self._count(review, answer, _verdict(answer))
        return answer

    def _count(self, review: Review, answer: Answer, verdict: str) -> None:
        self._metrics.count(review, verdict)
        log.debug(
            "reviewed",
            kind=review.kind.kind,
            namespace=review.namespace,
            name=review.name,
            operation=review.operation,
            verdict=verdict,
            allowed=answer.allowed,
        )


_FAILED_OPEN: Final = Answer(
    code=HTTPStatus.INTERNAL_SERVER_ERROR,
    warnings=("Gracekeeper failed to judge this object and admits it unjudged; its log tells why",),
    audit={"failed": "open"},
)
_FAILED_CLOSED: Final = Answer(
    allowed=False,
    code=HTTPStatus.INTERNAL_SERVER_ERROR,
    reason="InternalError",
    message="Gracekeeper failed to judge this object, and is set to deny then (on_internal_error); its log tells why.",
    audit={"failed": "closed"},
)


def _decoded(body: bytearray) -> Review:
    if len(body) > MAX_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The review holds more than {MAX_VALUES} values.")
    try:
        return decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _malformed(error) from None


def _look_at_objects(review: Review) -> None:
    # Only asked after a failure: broken JSON inside the objects is the caller's fault, not ours.
    try:
        _ = review.object, review.old_object
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _malformed(error) from None


def _malformed(error: Exception) -> RefusalError:
    told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return RefusalError(HTTPStatus.BAD_REQUEST, f"The body is no admission review: {told}.")


def _slim(review: Review) -> dict[str, object]:
    identity = {
        "apiVersion": f"{review.kind.group}/{review.kind.version}".lstrip("/"),
        "kind": review.kind.kind,
        "metadata": {"name": review.name, "namespace": review.namespace},
    }
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "request": {
            "uid": review.uid,
            "resource": msgspec.structs.asdict(review.resource),
            "subResource": review.sub_resource or None,
            "operation": review.operation,
            "userInfo": msgspec.structs.asdict(review.user_info),
            "name": review.name,
            "namespace": review.namespace,
            "dryRun": review.dry_run,
            "object": identity,
        },
    }


def _verdict(answer: Answer) -> str:
    if answer.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "failed"
    return "denied" if not answer.allowed else "warned" if answer.warnings else "allowed"


def _of_kopf(response: Mapping[str, Any]) -> Answer:
    status = response.get("status") or {}
    return Answer(
        allowed=response["allowed"],
        message=status.get("message", ""),
        code=status.get("code", HTTPStatus.FORBIDDEN),
        warnings=tuple(response.get("warnings") or ()),
    )
