"""How long a supervisor stops other programs before one of them gets its signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.provenance import Default, Unknown, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.process.python_process import PythonProcess


class Turn(Struct, frozen=True):
    """How long a supervisor stops other programs before this one: at most `seconds`, for those in `names`.

    `doubt` says why it may take less.
    """

    seconds: float = 0.0
    names: tuple[str, ...] = ()
    doubt: str = ""


def turn_behind(groups: Sequence[Sequence[PythonProcess]]) -> Turn:
    """The turn behind groups of programs, each of which is stopped together."""
    ends = [[_end(process) for process in together] for together in groups]
    return Turn(
        sum(max(end.seconds for end in together) for together in ends),
        tuple(each.name for together in ends for each in together if each.seconds),
        joined(*(each.doubt for together in ends for each in together)),
    )


class _End(Struct, frozen=True):
    name: str
    seconds: float
    doubt: str = ""


def _end(process: PythonProcess) -> _End:
    # One that goes on is killed by its supervisor; one that drops what it has, or never hears, ends at once.
    patience = process.delivery.forced_after or 0.0
    name = process.name or (process.launch.words[0].spoken if process.launch.words else "another program")
    if process.delivery.outcome is Outcome.CUT or process.shutdown.on_term in _ENDING:
        return _End(name, 0.0)
    if process.server is None or process.shutdown.on_term is not OnTerm.FINISHES:
        return _End(name, patience, f"how long {name} takes to stop is not known")
    drain = process.shutdown.drain
    limits = [] if isinstance(drain, Unknown) or drain.value is None else [drain.value]
    return _End(name, min(patience, *limits), drain.doubt if isinstance(drain, Default) else "")


_ENDING: Final = frozenset({OnTerm.DROPS, OnTerm.ENDS, OnTerm.GIVES_BACK, OnTerm.IGNORES})
