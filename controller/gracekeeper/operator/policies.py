"""Which policies and exceptions are in force, as the cluster's GracePolicies and GraceExceptions say now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.operator.held_policies import HeldExceptions, HeldPolicies
from gracekeeper.operator.policy_objects import POLICY_KIND, Held, PolicyObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gracekeeper.operator.reflector import Kind
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.document import Document
    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.rule import Rule


class InForce(Struct, frozen=True, eq=False):
    """What holds in a namespace; exceptions of other namespaces mean nobody there."""

    policies: tuple[GracePolicy, ...]
    exceptions: tuple[GraceException, ...] = ()


class PoliciesLive:
    """The policies and exceptions in force. A Shelf for the reflectors of their kinds.

    An object that cannot be read changes nothing: what it said before stays in force.
    """

    def __init__(self, rules: Sequence[Rule], default: InForce) -> None:
        """`default` holds while the cluster has no GracePolicy."""
        self._policies = HeldPolicies(rules)
        self._exceptions = HeldExceptions(rules)
        self._default = default
        self._everywhere = default
        self._in_force: dict[str, InForce] = {}
        self._listeners: list[Callable[[], None]] = []

    def in_force(self, namespace: str) -> InForce:
        """What holds in a namespace: the same object until something there changes."""
        known = self._in_force.get(namespace)
        if known is not None:
            return known
        exceptions = self._exceptions.in_force(namespace)
        if not exceptions:
            # Nothing is kept of a namespace without exceptions: whoever asks may invent its name.
            return self._everywhere
        everywhere = self._everywhere
        known = self._in_force[namespace] = InForce(everywhere.policies, (*everywhere.exceptions, *exceptions))
        return known

    @property
    def policies(self) -> Sequence[Held[GracePolicy]]:
        """All GracePolicies."""
        return tuple(self._policies.held.values())

    @property
    def exceptions(self) -> Iterator[Held[GraceException]]:
        """All GraceExceptions, each as it is when its turn comes."""
        return iter(self._exceptions)

    def when_changed(self, listener: Callable[[], None]) -> None:
        """Call somebody whenever people wrote something."""
        self._listeners.append(listener)

    def tried(self, document: Document) -> tuple[GracePolicy | GraceException | None, Sequence[Misread]]:
        """What an object that somebody wants to write would say, or what is wrong with it."""
        return (self._policies if document.kind == POLICY_KIND.name else self._exceptions).tried(document)

    def replace(self, kind: Kind, documents: Iterable[Document]) -> None:
        """Take these for all there are of their kind."""
        objects = [PolicyObject.of(document) for document in documents]
        if kind.name == POLICY_KIND.name:
            self._take_policies(objects)
        else:
            there = {(each.namespace, each.name) for each in objects}
            gone = [each.now for each in self._exceptions if (each.now.namespace, each.now.name) not in there]
            self._take_exceptions(objects, gone)

    def put(self, kind: Kind, document: Document) -> None:
        """Take an object, instead of the one of its name."""
        taken = PolicyObject.of(document)
        if kind.name == POLICY_KIND.name:
            self._take_policies([*self._others(taken), taken])
        else:
            self._take_exceptions([taken], [])

    def remove(self, kind: Kind, document: Document) -> None:
        """Let go of an object."""
        gone = PolicyObject.of(document)
        if kind.name == POLICY_KIND.name:
            self._take_policies(self._others(gone))
        else:
            self._take_exceptions([], [gone])

    def _others(self, one: PolicyObject) -> list[PolicyObject]:
        return [each.now for each in self._policies.held.values() if each.now.name != one.name]

    def _take_policies(self, objects: Sequence[PolicyObject]) -> None:
        if self._policies.take(objects):
            self._exceptions.name_kinds(self._policies.kinds)
            self._everywhere = InForce(self._policies.in_force) if objects else self._default
            self._in_force.clear()
            self._tell()

    def _take_exceptions(self, objects: Iterable[PolicyObject], gone: Iterable[PolicyObject]) -> None:
        changed = [each.namespace for each in objects if self._exceptions.take(each)]
        changed += [each.namespace for each in gone if self._exceptions.drop(each)]
        for namespace in changed:
            self._in_force.pop(namespace, None)
        if changed:
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
