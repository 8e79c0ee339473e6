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

    from gracekeeper_policies.process.settings import Settings, Value
    from gracekeeper_policies.provenance import Sourced

    Conditions = Mapping[str, Callable[[object], bool]]

TERM: Final = "SIGTERM"
SIGNALS: Final = (TERM, "SIGINT", "SIGQUIT")


class Reaction(Struct, frozen=True):
    """What a server does at a signal; `doubt` is empty, or says what unseen setting could change it.

    `chosen` says what to do instead where a setting made it so.
    """

    does: OnTerm
    doubt: str = ""
    chosen: str = ""


@remembered(ALIKE)
def reaction(settings: Settings, signal: str) -> Reaction:
    """What the server does at a signal; UNKNOWN where its table does not say."""
    server, doubts = settings.server, list[str]()
    for row in server.stopping:
        if signal in row.signals:
            fits, doubt = _fits(row.when, settings)
            doubts.append("" if row.rare and not fits else doubt)
            if fits:
                return Reaction(row.does, joined(*doubts, row.doubt), row.chosen)
    return Reaction(server.on_term if signal == TERM else OnTerm.UNKNOWN, joined(*doubts))


def closes(settings: Settings) -> str:
    """What becomes of connections that arrive while it drains: `are refused`; empty where it lets in none."""
    server = settings.server
    return next((row.becomes for row in server.closing if _fits(row.when, settings)[0]), server.closes)


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
