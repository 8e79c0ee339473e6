"""What a server does at a stop signal, as its table and its settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.provenance import Default, Unknown, joined
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.process.server import Server
    from gracekeeper_policies.process.settings import Settings, Value
    from gracekeeper_policies.provenance import Sourced

    Conditions = Mapping[str, Callable[[object], bool]]

TERM: Final = "SIGTERM"
SIGNALS: Final = (TERM, "SIGINT", "SIGQUIT")


class Reaction(Struct, frozen=True):
    """What a server does at a signal; `doubt` is empty, or says what unseen setting could change it.

    `chosen` says what to do instead where a setting made it so, `in_group` that it does so only because the processes
    that it has started get the signal as well, `second` only because the pre-stop hook has sent it before.
    """

    does: OnTerm
    doubt: str = ""
    chosen: str = ""
    in_group: bool = False
    second: bool = False

    @property
    def is_by_delivery(self) -> bool:
        """Whether the server itself would do otherwise, if it got the signal alone and once."""
        return self.in_group or self.second


@remembered(ALIKE)
def reaction(settings: Settings, signal: str, *, in_group: bool = False) -> Reaction:
    """What the server does at a signal that it gets alone, or its whole group; UNKNOWN where its table does not say."""
    server, doubts = settings.server, list[str]()
    for row in server.stopping:
        if signal in row.signals and (in_group or not row.in_group):
            fits, doubt = _fits(row.when, settings)
            doubts.append("" if row.rare and not fits else doubt)
            if fits:
                return Reaction(row.does, joined(*doubts, row.doubt), row.chosen, row.in_group)
    return Reaction(server.on_term if signal == TERM else OnTerm.UNKNOWN, joined(*doubts))


def may_finish(server: Server) -> bool:
    """Whether a server finishes what it has at SIGTERM, in general or in some settings."""
    rows = (row.does for row in server.stopping if TERM in row.signals)
    return OnTerm.FINISHES in (server.on_term, *rows)


def told_again(told: Reaction, server: Server, before: float | None) -> Reaction:
    """What the server does at a SIGTERM that it gets so many seconds after the first; None: it is the first."""
    if before is None or server.second_cuts is None or before < server.second_cuts or told.does is not OnTerm.FINISHES:
        return told
    return Reaction(OnTerm.DROPS, told.doubt, second=True)


def closes(settings: Settings) -> str:
    """What becomes of connections that arrive while it drains: `are refused`; empty where it lets in none."""
    server = settings.server
    return next((row.becomes for row in server.closing if _fits(row.when, settings)[0]), server.closes)


def threads_outlive(settings: Settings, *, as_pid_1: bool) -> bool:
    """Whether a request that runs in a thread keeps the server alive past the limit of its drain."""
    outliving = settings.server.outliving
    if outliving is None or (outliving.as_pid_1 and not as_pid_1):
        return False
    return _fits(outliving.when, settings)[0]


def missed_while(settings: Settings) -> str:
    """The moment at which a stop signal goes unnoticed now and then; empty where it never does."""
    missed = settings.server.misses
    return missed.moment if missed and _fits(missed.when, settings)[0] else ""


def _fits(when: Conditions, settings: Settings) -> tuple[bool, str]:
    # What is not known counts as not fitting; the doubt it leaves stays with whichever row decides. Only where all that
    # fails is in doubt may the row fit after all.
    asked = [(settings.get(option), holds) for option, holds in when.items()]
    failed = [value for value, holds in asked if isinstance(value, Unknown) or not holds(value.value)]
    if failed:
        doubts = [_doubt(value) for value in failed]
        return False, doubts[0] if all(doubts) else ""
    return True, joined(*(_doubt(value) for value, _ in asked))


def _doubt(value: Sourced[Value]) -> str:
    if isinstance(value, Unknown):
        return value.reason
    return value.doubt if isinstance(value, Default) else ""
