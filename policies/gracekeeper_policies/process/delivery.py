"""Who hears the stop signal: the program itself, nobody until SIGKILL, or a process whose end cuts everything off."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.process.wrappers import Passing
from gracekeeper_policies.provenance import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gracekeeper_policies.process.launch import Launch, Link
    from gracekeeper_policies.process.shell.dialect import Shell


class Outcome(enum.Enum):
    """What becomes of the stop signal."""

    HEARD = "the program hears it"
    LOST = "nobody hears it, and SIGKILL ends the container"
    CUT = "everything is killed at once"
    INTERRUPTED = "the program gets SIGINT instead"
    UNKNOWN = "cannot be told"


class Delivery(Struct, frozen=True):
    """What becomes of SIGTERM on its way to the program.

    `link` is the process that decides it, None where the program itself is reached. `certain` is false where it
    depends on which shell `sh` is; `shells` then names those for which `outcome` holds. `forced_after` is the seconds
    after which a wrapper kills the program by itself, `presumed` says what of a script could only be presumed. `signal`
    is what a wrapper passes on instead, empty for the same. `group` is the process that sends it to the program's whole
    process group, None where the program alone gets it.
    """

    outcome: Outcome
    link: Link | None = None
    certain: bool = True
    shells: tuple[str, ...] = ()
    as_pid_1: bool = True
    forced_after: float | None = None
    presumed: str = ""
    signal: str = ""
    group: Link | None = None

    @property
    def doubt(self) -> str:
        """Why this may not be what happens; empty where it is certain."""
        return joined("" if self.certain else "which shell sh is stands in the image", self.presumed)


_WORST_FIRST: Final = (Outcome.LOST, Outcome.CUT, Outcome.INTERRUPTED, Outcome.UNKNOWN, Outcome.HEARD)


def deliver(launch: Launch, *, as_pid_1: bool) -> Delivery:
    """Follow SIGTERM from the container's main process to the program.

    `as_pid_1` says whether that main process is PID 1: only then does the kernel drop a signal without a handler.
    """
    if launch.unknown:
        return Delivery(Outcome.UNKNOWN)
    alive = [link for link in launch.links if link.passing is not Passing.REPLACED]
    forced_after = min((link.kills_after for link in alive if link.kills_after is not None), default=None)
    for position, link in enumerate(alive):
        outcome = _at(link, is_pid_1=as_pid_1 and position == 0)
        if outcome is not None:
            return Delivery(outcome, link, presumed=link.doubt)
        if link.passing is Passing.SPREADS:
            alive = alive[: position + 1]
            break
    return Delivery(
        Outcome.HEARD,
        as_pid_1=as_pid_1 and not alive,
        forced_after=forced_after,
        presumed=joined(*(link.doubt for link in alive)),
        signal=next((link.sends for link in reversed(alive) if link.sends), ""),
        group=next((link for link in alive if link.apart), None),
    )


def _at(link: Link, *, is_pid_1: bool) -> Outcome | None:
    match link.passing:
        case Passing.NOTHING:
            return Outcome.LOST if is_pid_1 else Outcome.CUT
        case Passing.EXITS:
            return Outcome.CUT
        case Passing.INTERRUPTS:
            return Outcome.INTERRUPTED
    return None


def combine(by_shell: Mapping[Shell, Delivery]) -> Delivery:
    """Join what would happen under each shell that `sh` may be: certain where all agree, else the worst of them."""
    outcomes = {delivery.outcome for delivery in by_shell.values()}
    worst = next(outcome for outcome in _WORST_FIRST if outcome in outcomes)
    shells = [shell for shell, delivery in by_shell.items() if delivery.outcome is worst]
    chosen = by_shell[shells[0]]
    if len(outcomes) == 1:
        return chosen
    return replace(chosen, certain=False, shells=_names(shells))


def _names(shells: Sequence[Shell]) -> tuple[str, ...]:
    return tuple(shell.value for shell in shells)
