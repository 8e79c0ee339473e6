"""GracePolicies and GraceExceptions as a cluster holds them: what is written now, and what of it is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import structlog
from msgspec import Struct
from msgspec.structs import replace

from gracekeeper.operator.reflector import Kind
from gracekeeper.policyfiles.crds import EXCEPTIONS, POLICIES, Resource
from gracekeeper.policyfiles.models import API_VERSION
from gracekeeper_policies.document import Document, render_path
from gracekeeper_policies.exception import GraceException
from gracekeeper_policies.policy import GracePolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper.operator.reflector import Values
    from gracekeeper_policies.boundary import Misread

_log: Final = structlog.get_logger(__name__)

R = TypeVar("R", GracePolicy, GraceException)

_METADATA: Final = ("namespace", "name", "uid", "generation", "resourceVersion", "creationTimestamp")
_PARTS: Final[tuple[str, ...]] = ("spec", "status")
_NAMES: Final = ("namespace", "name")


def _kept(values: Values) -> Values:
    metadata = values.get("metadata") or {}
    parts = {name: values[name] for name in _PARTS if name in values}
    return {"metadata": {key: metadata[key] for key in _METADATA if key in metadata}, **parts}


def _kind(resource: Resource) -> Kind:
    return Kind(API_VERSION, resource.kind, resource.plural, _kept)


POLICY_KIND: Final = _kind(POLICIES)
EXCEPTION_KIND: Final = _kind(EXCEPTIONS)
KINDS: Final = (POLICY_KIND, EXCEPTION_KIND)
"""What reflectors follow, and put on the shelf of the policies in force."""


class PolicyObject(Struct, frozen=True, eq=False):
    """One object: `document` is what a policy file would say, the rest is what the cluster adds.

    `version` changes with every write, `generation` only with what people write. `namespace` is empty for a policy.
    """

    document: Document
    namespace: str
    name: str
    uid: str
    created: str
    version: str
    generation: int
    status: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document) -> PolicyObject:
        """Take an object as reflectors keep it."""
        metadata: Mapping[str, Any] = document.metadata
        status = document.values.get("status")
        return cls(
            _as_written(document, metadata),
            metadata.get("namespace", ""),
            metadata.get("name", ""),
            metadata.get("uid", ""),
            metadata.get("creationTimestamp", ""),
            metadata.get("resourceVersion", ""),
            metadata.get("generation", 0),
            status if isinstance(status, dict) else {},
        )

    @property
    def age(self) -> tuple[str, str]:
        """The oldest comes first, on every replica."""
        return self.created, self.name

    @property
    def conditions(self) -> list[Mapping[str, Any]]:
        """The conditions in its status."""
        conditions = self.status.get("conditions")
        return [each for each in conditions if isinstance(each, dict)] if isinstance(conditions, list) else []

    @property
    def remembered(self) -> PolicyObject | None:
        """What its status says was good before; None where it says nothing."""
        match self.status.get("lastGood"):
            case {"generation": int(generation), "spec": dict(spec)}:
                return replace(self, document=Document({**self.document.values, "spec": spec}), generation=generation)
        return None


def _as_written(document: Document, metadata: Mapping[str, Any]) -> Document:
    values = {key: value for key, value in document.values.items() if key != "status"}
    return Document(values | {"metadata": {key: metadata[key] for key in _NAMES if key in metadata}})


class Held(Struct, Generic[R], frozen=True, eq=False):
    """An object, and what is in force of it: `reading`, which was read from `good`; both None where nothing is.

    `complaints` are what is wrong with the object as it is `now`.
    """

    now: PolicyObject
    good: PolicyObject | None
    reading: R | None
    complaints: tuple[Misread, ...] = ()

    def says_what(self, other: PolicyObject) -> bool:
        """Whether people wrote nothing else into the object than into another one."""
        return self.now.uid == other.uid and self.now.document.values == other.document.values

    def at(self, now: PolicyObject) -> Held[R]:
        """The same for an object in which only the cluster wrote."""
        return replace(self, now=now)

    def tell(self) -> None:
        """Log what became of what people wrote."""
        told = _log.bind(kind=self.now.document.kind, namespace=self.now.namespace or None, name=self.now.name)
        if self.complaints:
            stays = self.good.generation if self.good else None
            told.warning("policy_refused", generation=self.now.generation, stays=stays, because=self.sentences)
        else:
            # There are few policies, and up to thousands of exceptions.
            (told.debug if self.now.namespace else told.info)("policy_in_force", generation=self.now.generation)

    @property
    def sentences(self) -> list[str]:
        """What is wrong, each with its place."""
        return [sentence(each) for each in self.complaints]


def sentence(complaint: Misread) -> str:
    """`spec.profile: expected baseline, standard or strict`."""
    return f"{render_path(complaint.path)}: {complaint.message}"


def good_before(now: PolicyObject, before: Held[R] | None) -> PolicyObject | None:
    """What an object said when it was good: as we remember it, or as its status does."""
    ours = before.good if before is not None and before.now.uid == now.uid else None
    return ours or now.remembered
