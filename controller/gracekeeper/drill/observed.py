"""What a drill saw; times are seconds from the moment in which the container is told to stop."""

from __future__ import annotations

import enum

from msgspec import Struct


class Answer(enum.Enum):
    """What a new connection meets."""

    SERVED = "served"
    REFUSED = "refused"
    HANGS = "hang"


class InFlight(Struct, frozen=True):
    """What became of the requests that the server had when the stop signal came.

    Those it had accepted were `finished` or `cut`; those that still waited in its listen queue were `served` all the
    same or `lost`. `turned_away` are clients that met a closed port before the signal, `answered` are the requests that
    had their answer before it; `failed` says with which status the answers came that were errors of the server.
    `over` is when the last of those that it had accepted ended, `first_cut` when the first was cut.
    """

    finished: int = 0
    cut: int = 0
    served: int = 0
    lost: int = 0
    turned_away: int = 0
    answered: int = 0
    statuses: tuple[int, ...] = ()
    over: float | None = None
    first_cut: float | None = None

    @property
    def accepted(self) -> int:
        """How many the server had accepted."""
        return self.finished + self.cut

    @property
    def queued(self) -> int:
        """How many waited in its listen queue."""
        return self.served + self.lost


class Observed(Struct, frozen=True, kw_only=True):
    """One stop as it went.

    `ready` is how long the start took, None where nothing tells when it was over. `hook` is how long the pre-stop hook
    took, None without one, `trouble` how it failed. `signalled` and `killed` are when the signals were sent, None where
    none was. `in_flight` is None where nothing was asked; `connections` is what those met who came while it stopped, in
    the order in which it changed: nothing where there was no time to tell.
    """

    ready: float | None
    hook: float | None = None
    trouble: str = ""
    signalled: float | None = None
    killed: float | None = None
    ended: float
    code: int
    in_flight: InFlight | None = None
    connections: tuple[Answer, ...] = ()

    @property
    def cut(self) -> int:
        """How many requests were cut."""
        return self.in_flight.cut if self.in_flight else 0

    @property
    def loses(self) -> bool:
        """Whether a request was cut or SIGKILL was needed."""
        return self.cut > 0 or self.killed is not None
