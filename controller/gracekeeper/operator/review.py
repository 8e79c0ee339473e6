"""An admission review: what the API server asks, typed, and what it is answered.

kopf carries a slim copy of the request through its handlers (it copies and compares what it gets); the whole of it
waits here, in `current_review`, for the handler that judges. Objects stay bytes until somebody asks for them.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Raw, Struct, field

API_VERSION: Final = "admission.k8s.io/v1"
KIND: Final = "AdmissionReview"

LARGE_BYTES: Final = 256 * 1024
"""From here on, a body takes so much memory that only a few are read at once."""

LONG_BYTES: Final = 32 * 1024
"""From here on, judging may hold up the reviews beside it: a script of 50 KB takes a quarter of a second."""

_NOTHING: Final = b"null"
_DIGEST_BYTES: Final = 20
_WRITTEN_BY_THE_SERVER: Final = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")


class GroupVersionKind(Struct, frozen=True):
    """What an object is; `group` is empty for Kubernetes' core."""

    group: str = ""
    version: str = ""
    kind: str = ""


class GroupVersionResource(Struct, frozen=True):
    """Where an object lives in the API."""

    group: str = ""
    version: str = ""
    resource: str = ""


class UserInfo(Struct, frozen=True):
    """Who asks."""

    username: str = ""
    groups: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """What the API server is answered, beyond what kopf's response has room for.

    `message` is empty where the request is admitted. `warnings` are for whoever sent the request, `audit` are the
    annotations of the audit event, without the webhook's name before them.
    """

    allowed: bool = True
    message: str = ""
    code: int = 403
    reason: str = "Forbidden"
    warnings: tuple[str, ...] = ()
    audit: dict[str, str] = field(default_factory=dict)


Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=253)]


class Review(Struct, rename="camel", dict=True):
    """The request of an admission review.

    `kind` and `resource` are those that the webhook asked for, which may be another version than the client sent.
    `answer` is left here by the handler that judged. `object` and `old_object` are shared: nobody changes them.
    """

    uid: Name
    kind: GroupVersionKind
    resource: GroupVersionResource
    operation: Name
    user_info: UserInfo
    sub_resource: Name = ""
    name: Name = ""
    namespace: Name = ""
    dry_run: bool = False
    raw_object: Raw = field(default_factory=lambda: Raw(_NOTHING), name="object")
    raw_old_object: Raw = field(default_factory=lambda: Raw(_NOTHING), name="oldObject")
    answer: Answer | None = None

    @cached_property
    def object(self) -> dict[str, Any]:
        """The object as it will be; empty where there is none."""
        return _mapping(self.raw_object)

    @cached_property
    def old_object(self) -> dict[str, Any]:
        """The object as it is; empty where there is none."""
        return _mapping(self.raw_old_object)

    @cached_property
    def digest(self) -> bytes:
        """Stands for all that the answer to a workload's review depends on: two of the same digest ask the same."""
        asked = (self.operation, self.kind, self.sub_resource, self.namespace, self.name, self.user_info.username)
        objects = _lasting(self.raw_object), _lasting(self.raw_old_object)
        return blake2b(_ENCODER.encode((asked, objects)), digest_size=_DIGEST_BYTES).digest()

    @property
    def is_long(self) -> bool:
        """Whether it is better judged beside the event loop."""
        return len(memoryview(self.raw_object)) + len(memoryview(self.raw_old_object)) > LONG_BYTES


current_review: Final[ContextVar[Review]] = ContextVar("current_review")
"""The review that is being answered."""


def _mapping(raw: Raw) -> dict[str, Any]:
    values = msgspec.json.decode(raw)
    return values if isinstance(values, dict) else {}


def _lasting(raw: Raw) -> dict[str, Any] | Raw | None:
    """An object without what the API server writes into it, as bytes; what is no object at all stays as it is."""
    try:
        values: dict[str, Any] | None = _PARTS.decode(raw)
        if values:
            values.pop("status", None)
            metadata = values["metadata"] = _PARTS.decode(values["metadata"])
            for each in _WRITTEN_BY_THE_SERVER:
                metadata.pop(each, None)
    except (msgspec.DecodeError, RecursionError, LookupError, AttributeError):
        return raw
    return values


def decode(body: bytes | bytearray) -> Review:
    """The request of the review in a body.

    Raises:
        msgspec.DecodeError: it is no admission review of our version.
        RecursionError: it is nested too deeply.
    """
    return _QUESTIONS.decode(body).request


def encode(review: Review, answer: Answer) -> bytes:
    """The body of the answer to a review."""
    status = None if answer.allowed else _Status(answer.message, answer.reason, answer.code)
    response = _Response(review.uid, answer.allowed, status, answer.warnings, answer.audit)
    return _ENCODER.encode({"apiVersion": API_VERSION, "kind": KIND, "response": response})


class _Question(Struct):
    apiVersion: Literal["admission.k8s.io/v1"]  # noqa: N815 - the API's own name
    kind: Literal["AdmissionReview"]
    request: Review


class _Status(Struct):
    message: str
    reason: str
    code: int
    status: str = "Failure"


class _Response(Struct, rename="camel", omit_defaults=True):
    uid: str
    allowed: bool
    status: _Status | None = None
    warnings: tuple[str, ...] = ()
    audit_annotations: dict[str, str] = field(default_factory=dict)


_PARTS: Final = msgspec.json.Decoder(dict[str, Raw] | None)
_QUESTIONS: Final = msgspec.json.Decoder(_Question)
_ENCODER: Final = msgspec.json.Encoder()
