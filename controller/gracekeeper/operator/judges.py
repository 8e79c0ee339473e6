"""Who judges in a namespace: the policies, exceptions and neighbours that hold there, kept ready until they change."""

from __future__ import annotations

from collections import OrderedDict
from itertools import count
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from gracekeeper_policies.judge import Judging
from gracekeeper_policies.kubernetes import ASSUMED
from gracekeeper_policies.policy import Updates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.kubernetes import KubernetesVersion
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.rule import Rule

KEPT: Final = 256
"""How many namespaces' judges are kept ready: those that were asked last."""


class InForce(Protocol):
    """The policies and exceptions that hold somewhere."""

    @property
    def policies(self) -> Sequence[GracePolicy]:
        """The policies."""

    @property
    def exceptions(self) -> Sequence[GraceException]:
        """The exceptions."""


class Policies(Protocol):
    """Knows which policies and exceptions hold."""

    def in_force(self, namespace: str) -> InForce:
        """What holds in a namespace: the same object until something changes."""


class Surroundings(Protocol):
    """Knows what stands beside workloads."""

    def neighbours(self, namespace: str) -> Neighbours:
        """What stands in a namespace: the same object until something there changes."""


class Judge(Struct, frozen=True, eq=False):
    """Judges the workloads of a namespace.

    `judging` speaks for all policies; `unforgiving` for those that deny an update for what the old object had already,
    None where there are none. No other judge ever has the same `number`.
    """

    judging: Judging
    unforgiving: Judging | None
    neighbours: Neighbours
    in_force: InForce
    day: date
    number: int

    def is_of(self, neighbours: Neighbours, in_force: InForce, day: date) -> bool:
        """Whether nothing has changed since."""
        return self.neighbours is neighbours and self.in_force is in_force and self.day == day


class Judges:
    """The judge of each namespace. `today` gives the day in UTC, `version` that of the cluster."""

    def __init__(
        self,
        cluster: Surroundings,
        policies: Policies,
        rules: Sequence[Rule],
        today: Callable[[], date],
        version: Callable[[], KubernetesVersion] = lambda: ASSUMED,
    ) -> None:
        """Nobody is made before somebody is judged."""
        self._cluster = cluster
        self._policies = policies
        self._rules = rules
        self._today = today
        self._version = version
        self._kept: OrderedDict[str, Judge] = OrderedDict()
        self._numbers = count()

    def of(self, namespace: str) -> Judge:
        """Who judges in a namespace now."""
        neighbours, in_force = self._cluster.neighbours(namespace), self._policies.in_force(namespace)
        day, judge = self._today(), self._kept.get(namespace)
        if judge is None or not judge.is_of(neighbours, in_force, day):
            judge = self._kept[namespace] = self._made(namespace, neighbours, in_force, day)
        self._kept.move_to_end(namespace)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return judge

    def _made(self, namespace: str, neighbours: Neighbours, in_force: InForce, day: date) -> Judge:
        def judging(policies: Sequence[GracePolicy]) -> Judging:
            return Judging(
                policies,
                self._rules,
                neighbours,
                day,
                in_force.exceptions,
                kubernetes_version=self._version(),
                namespace=namespace,
                remembered=0,  # what the API server adds to each object makes no two alike
            )

        unforgiving = [policy for policy in in_force.policies if policy.updates is Updates.ENFORCE]
        return Judge(
            judging(in_force.policies),
            judging(unforgiving) if unforgiving else None,
            neighbours,
            in_force,
            day,
            next(self._numbers),
        )
