"""Exceptions: rules that are silent for somebody, for a reason, until a day; and what became of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from gracekeeper_policies.document import Document, Identity, Path
    from gracekeeper_policies.selection import Match
    from gracekeeper_policies.workload import Workload

Place: TypeAlias = "tuple[str, int, Path, Path]"
"""Where something is found: in which text, document and object, and where in it."""


def place_of(document: Document, path: Path) -> Place:
    """Name a place such that it means the same in every process."""
    return document.origin, document.index, document.base, path


class GraceException(Struct, frozen=True, eq=False):
    """Silences rules for the workloads of its namespace that it means; in force through the day `expires`, UTC."""

    document: Document
    identity: Identity
    rules: tuple[str, ...]
    match: Match
    reason: str
    expires: date

    def __str__(self) -> str:
        """`GraceException shop/legacy-batch until 2027-03-01: tasks are idempotent`."""
        return f"{self.identity} until {self.expires}: {self.reason}"

    def means(self, workload: Workload) -> bool:
        """Tell whether a workload is meant."""
        return workload.identity.namespace == self.identity.namespace and self.match.means(workload)


@dataclass(eq=False)
class AppliedException:
    """An exception when everything is judged.

    `met` holds, by rule, the places that it silences or, once it has ended, that it alone would silence; `held` those
    that count again when it ends, since nothing silences them longer. `judged` are the rules that judged a workload
    which it means, `names` the names of these workloads. `surrounded` tells whether workloads of its namespace are in
    sight at all, `complete` whether no others exist.
    """

    exception: GraceException
    now: date
    complete: bool
    surrounded: bool = False
    met: dict[str, set[Place]] = field(default_factory=partial(defaultdict, set))
    held: dict[str, set[Place]] = field(default_factory=partial(defaultdict, set))
    judged: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.exception.expires < self.now

    @property
    def days_left(self) -> int:
        """How many days it is in force after today; less than 0 once it has ended."""
        return (self.exception.expires - self.now).days

    def learn(self, other: AppliedException) -> None:
        """Add what was learned of the same exception elsewhere."""
        self.surrounded = self.surrounded or other.surrounded
        self.judged |= other.judged
        self.names |= other.names
        for own, learned in ((self.met, other.met), (self.held, other.held)):
            for rule, places in learned.items():
                own[rule] |= places

    @property
    def unneeded(self) -> tuple[str, ...]:
        """Its rules that judged those whom it means, and found nothing."""
        return tuple(rule for rule in self.exception.rules if rule in self.judged and rule not in self.met)

    @property
    def sees_all_it_means(self) -> bool:
        """Whether every workload that it can mean was judged."""
        wanted = self.exception.match.names
        return self.complete or (bool(wanted) and self.names.issuperset(wanted))


class Exceptions:
    """The exceptions of an input while it is judged."""

    def __init__(self, exceptions: Iterable[GraceException], now: date, *, complete: bool) -> None:
        """`complete` says that there are no other workloads than those in sight."""
        self.applied = tuple(
            AppliedException(each, now, complete)
            for each in sorted(exceptions, key=lambda each: (each.identity, each.expires, each.document.origin))
        )

    def surround(self, namespace: str) -> None:
        """Take note of a workload's namespace."""
        for each in self.applied:
            each.surrounded = each.surrounded or each.exception.identity.namespace == namespace

    def about(self, workload: Workload) -> Sequence[AppliedException]:
        """Those that mean a workload, also when they have ended."""
        own = [each for each in self.applied if each.exception.means(workload)]
        for each in own:
            each.names.add(workload.identity.name)
        return own


def silencer(exceptions: Iterable[AppliedException], rule: str, place: Place) -> AppliedException | None:
    """Remember a finding with the exceptions from its rule, and give the one that silences it longest; None where none.

    An exception that has ended is remembered only where no other one silences what it would.
    """
    met = [each for each in exceptions if rule in each.exception.rules]
    in_force = [each for each in met if not each.expired]
    for each in in_force or met:
        each.met[rule].add(place)
    return max(in_force, key=lambda each: each.exception.expires, default=None)
