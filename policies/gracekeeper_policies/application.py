"""A policy over one input: which of its rules apply, how hard, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.boundary import Misread
from gracekeeper_policies.once import once
from gracekeeper_policies.policy import Mode, Scope
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.workload import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gracekeeper_policies.document import Document
    from gracekeeper_policies.finding import Finding
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.workload import Workload

SECURITY: Final = "security"
OF_SECURITY: Final = "security of "
"""What stands before the type of a security rule's subject in `AppliedRule.asks`."""

MODE_LABEL: Final = PREFIX + "mode"
"""The label by which a namespace chooses its own mode, where a policy lets it."""

MODES: Final = frozenset(mode.value for mode in Mode)
"""What that label may say."""


class AppliedRule(Struct, frozen=True, eq=False, dict=True):
    """A rule as a policy applies it; `rank` is its place in the catalogue, `parameters` None where it keeps its own."""

    rank: int
    rule: Rule
    mode: Mode
    parameters: object | None
    exemptible: bool

    @once
    def asks(self) -> str:
        """Whom the rule judges: the type of its subject, behind `OF_SECURITY` where every container gets it."""
        return (OF_SECURITY if self.rule.concern == SECURITY else "") + self.rule.subject.value

    @once
    def check(self) -> Callable[[object], Iterator[Finding]]:
        """Judge a subject with the parameters of the policy."""
        return self.rule.check_with(self.parameters)


class Application:
    """One policy, beside the rules and the neighbours that it is applied with."""

    def __init__(self, policy: GracePolicy, rules: Sequence[Rule], neighbours: Neighbours) -> None:
        """Nothing is worked out before somebody asks."""
        self.policy = policy
        self.undecided: set[str] = set()
        self._rules = rules
        self._neighbours = neighbours
        self._in_mode = cache(self._applied)
        self._means_namespace = cache(self._namespace_meant)

    def means(self, workload: Workload) -> bool:
        """Tell whether the policy is for a workload, whatever runs in it."""
        return self.means_namespace(workload.identity.namespace) and self.policy.match.means(workload)

    def means_namespace(self, namespace: str) -> bool:
        """Tell whether it is for a namespace; where that cannot be decided it is."""
        return self._means_namespace(namespace)

    def has_in_scope(self, runtimes: frozenset[Runtime]) -> bool:
        """Tell whether it judges what has these runtimes."""
        match self.policy.scope:
            case Scope.ALL:
                return True
            case Scope.PYTHON:
                return Runtime.PYTHON in runtimes
            case Scope.PYTHON_OR_UNKNOWN:
                return runtimes != {Runtime.OTHER}

    def rules_in(self, namespace: str) -> tuple[AppliedRule, ...]:
        """The rules that apply in a namespace, in the order of the catalogue."""
        return self._in_mode(self._mode(namespace) if self.policy.allow_namespace_mode else self.policy.mode)

    def _namespace_meant(self, namespace: str) -> bool:
        meant = self.policy.match.means_namespace(namespace, self._neighbours)
        if meant is None:
            self.undecided.add(namespace)
        return meant is not False

    def _mode(self, namespace: str) -> Mode:
        labels = self._neighbours.namespaces.get(namespace)
        if labels is None and not self._neighbours.complete:
            self.undecided.add(namespace)
        chosen = (labels or {}).get(MODE_LABEL)
        return Mode(chosen) if chosen in MODES else self.policy.mode

    def _applied(self, mode: Mode) -> tuple[AppliedRule, ...]:
        policy = self.policy
        ranked = (
            (rank, rule, policy.mode_of(rule.id, rule.card.profile, mode)) for rank, rule in enumerate(self._rules)
        )
        return tuple(
            AppliedRule(rank, rule, own, policy.parameters.get(rule.id), rule.id not in policy.unexemptible)
            for rank, rule, own in ranked
            if own is not Mode.OFF
        )


def unknown_modes(documents: Iterable[Document], policies: Iterable[GracePolicy]) -> Iterator[Misread]:
    """The namespaces that choose a mode which does not exist, where a policy lets them choose."""
    if not any(policy.allow_namespace_mode for policy in policies):
        return
    for document in documents:
        if (document.kind, document.api_version) == ("Namespace", "v1"):
            labels = document.metadata.get("labels")
            if isinstance(labels, Mapping) and labels.get(MODE_LABEL, Mode.OFF.value) not in MODES:
                path = ("metadata", "labels", MODE_LABEL)
                yield Misread(document, path, 'expected enforce, warn, audit or "off" in quotes')
