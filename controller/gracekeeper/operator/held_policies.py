"""The GracePolicies and GraceExceptions that a cluster holds, and what could be read of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import structlog

from gracekeeper.operator.policy_objects import POLICY_KIND, Held, good_before
from gracekeeper.policyfiles.reading import Reader
from gracekeeper_policies.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from gracekeeper.operator.policy_objects import PolicyObject
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.document import Document
    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.rule import Rule

_log: Final = structlog.get_logger(__name__)


class HeldPolicies:
    """All GracePolicies, by name, the oldest first. They are read together: one may add kinds that others name."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """There are none yet; `rules` are those that they may name."""
        self.held: dict[str, Held[GracePolicy]] = {}
        self._rules = rules

    @property
    def in_force(self) -> tuple[GracePolicy, ...]:
        """What could be read."""
        return tuple(each.reading for each in self.held.values() if each.reading)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of workloads that they add."""
        return frozenset(template.kind for policy in self.in_force for template in policy.pod_templates)

    def take(self, objects: Iterable[PolicyObject]) -> bool:
        """Take these for all that there are, and tell whether people wrote something since."""
        before, objects = self.held, sorted(objects, key=lambda each: each.age)
        fresh = [each for each in objects if each.name not in before or not before[each.name].says_what(each)]
        if not fresh and len(objects) == len(before):
            self.held = {each.name: before[each.name].at(each) for each in objects}
            return False
        self.held = self._read(objects, {each.name: good_before(each, before.get(each.name)) for each in objects})
        for each in fresh:
            self.held[each.name].tell()
        for name in before.keys() - self.held.keys():
            _log.info("policy_gone", kind=POLICY_KIND.name, name=name)
        if self.held and not self.in_force:
            _log.error("nothing_in_force", because="no GracePolicy can be read, and none could be before")
        return True

    def tried(self, document: Document) -> tuple[GracePolicy | None, tuple[Misread, ...]]:
        """What a policy that somebody wants to write would say beside the others, or what is wrong with it."""
        name = document.identity().name
        beside = [held.good.document for held in self.held.values() if held.good and held.now.name != name]
        reading = _Reading(self._rules, _added_by([*beside, document]))
        for each in beside:
            reading.take(each)
        return reading.take(document)

    def _read(
        self, objects: Sequence[PolicyObject], good: Mapping[str, PolicyObject | None]
    ) -> dict[str, Held[GracePolicy]]:
        known = [*objects, *filter(None, good.values())]
        reading = _Reading(self._rules, _added_by(each.document for each in known))
        return {each.name: self._held(each, good[each.name], reading) for each in objects}

    @staticmethod
    def _held(now: PolicyObject, good: PolicyObject | None, reading: _Reading) -> Held[GracePolicy]:
        policy, wrong = reading.take(now.document)
        if not wrong:
            return Held(now, now, policy)
        policy = reading.take(good.document)[0] if good else None
        return Held(now, good if policy else None, policy, wrong)


class _Reading:
    """Reads policies one beside the other; what is refused leaves no trace for those that come after it."""

    def __init__(self, rules: Sequence[Rule], kinds: AbstractSet[str]) -> None:
        self._rules = rules
        self._kinds = kinds
        self._taken: list[Document] = []
        self._reader = Reader(rules, "", kinds)

    def take(self, document: Document) -> tuple[GracePolicy | None, tuple[Misread, ...]]:
        """A policy, or what is wrong with it."""
        self._reader.take([document])
        wrong = tuple(each for each in self._reader.result.misread if each.document is document)
        if not wrong:
            self._taken.append(document)
            return self._reader.result.policies[-1], ()
        self._reader = Reader(self._rules, "", self._kinds)
        self._reader.take(self._taken)
        return None, wrong


class HeldExceptions:
    """All GraceExceptions, by namespace and name."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """There are none yet; `rules` are those that they may name."""
        self._held: dict[str, dict[str, Held[GraceException]]] = defaultdict(dict)
        self._rules = rules
        self._kinds: AbstractSet[str] = frozenset()

    def __iter__(self) -> Iterator[Held[GraceException]]:
        """All of them, each as it is when its turn comes: whoever writes statuses takes a while."""
        for beside in tuple(self._held.values()):
            yield from (beside[name] for name in tuple(beside) if name in beside)

    def in_force(self, namespace: str) -> tuple[GraceException, ...]:
        """What could be read of those of a namespace."""
        return tuple(each.reading for each in self._held.get(namespace, {}).values() if each.reading)

    def take(self, taken: PolicyObject) -> bool:
        """Take an object instead of the one of its name, and tell whether people wrote something since."""
        beside = self._held[taken.namespace]
        before = beside.get(taken.name)
        if before is not None and before.says_what(taken):
            beside[taken.name] = before.at(taken)
            return False
        beside[taken.name] = self._read(taken, good_before(taken, before))
        beside[taken.name].tell()
        return True

    def drop(self, gone: PolicyObject) -> bool:
        """Let go of an object; whether there was one."""
        beside = self._held.get(gone.namespace, {})
        held = beside.pop(gone.name, None)
        if not beside:
            self._held.pop(gone.namespace, None)
        return held is not None

    def name_kinds(self, kinds: AbstractSet[str]) -> bool:
        """Learn which kinds policies add, and whether that makes a difference to anybody."""
        if kinds == self._kinds:
            return False
        self._kinds = kinds
        concerned = [each for each in tuple(self) if each.complaints or _names_kinds_of_others(each)]
        for each in concerned:
            self._held[each.now.namespace][each.now.name] = self._read(each.now, each.good)
        return bool(concerned)

    def _read(self, now: PolicyObject, good: PolicyObject | None) -> Held[GraceException]:
        read, wrong = self.tried(now.document)
        if not wrong:
            return Held(now, now, read)
        read = self.tried(good.document)[0] if good else None
        return Held(now, good if read else None, read, wrong)

    def tried(self, document: Document) -> tuple[GraceException | None, tuple[Misread, ...]]:
        """What an exception says, or what is wrong with it."""
        reader = Reader(self._rules, document.identity().namespace, self._kinds)
        reader.take([document])
        return next(iter(reader.result.exceptions), None), tuple(reader.result.misread)


def _added_by(documents: Iterable[Document]) -> frozenset[str]:
    """The kinds of workloads that policies add, whether they can be read or not."""
    specs = (document.values.get("spec") for document in documents)
    templates = (each for spec in specs for each in _list(_field(spec, "podTemplates")))
    return frozenset(kind for each in templates if isinstance(kind := _field(each, "kind"), str))


def _field(values: object, name: str) -> object:
    return values.get(name) if isinstance(values, dict) else None


def _list(values: object) -> list[object]:
    return values if isinstance(values, list) else []


def _names_kinds_of_others(held: Held[GraceException]) -> bool:
    return held.reading is not None and not held.reading.match.kinds <= KINDS.keys()
