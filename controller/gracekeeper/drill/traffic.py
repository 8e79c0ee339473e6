"""Clients of the server that is drilled: some whose requests are in flight at its stop, and others that come later."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from gracekeeper.drill.address import accepted
from gracekeeper.drill.observed import Answer, InFlight

if TYPE_CHECKING:
    from gracekeeper.drill.probing import Get

_PAUSE: Final = 0.02
_SAMPLE: Final = 0.05
_LATECOMER: Final = 0.3
_SLOWER: Final = 1.1
_SLOWEST: Final = 5.0
_LEAST_TO_TELL: Final = 1.5  # seconds after the signal in which any server has closed its socket
_LAST_BEFORE: Final = 0.2  # who comes as late as this meets the end
_SERVER_ERROR: Final = 500


class Request:
    """One request on a connection of its own."""

    def __init__(self) -> None:
        """Nothing is sent yet."""
        self.is_made = False
        self.port = 0
        self.status: int | None = None
        self.refused = False
        self.ended_at: float | None = None

    def make(self, get: Get) -> None:
        """Send it and wait for the whole answer, however long that takes."""
        self.is_made = True
        try:
            with get.connect(None) as connection:
                self.port = connection.getsockname()[1]
                self.status = get.ask(connection)
        except ConnectionRefusedError:
            self.refused = True
        except (OSError, http.client.HTTPException):
            pass
        self.ended_at = time.monotonic()


class Client:
    """Somebody who asks again and again."""

    def __init__(self, get: Get, over: threading.Event, delay: float) -> None:
        """Nothing is asked before it is started, and for so many seconds more."""
        self.request = Request()
        self.answered = 0
        self.statuses: set[int] = set()
        self._get, self._over, self._delay = get, over, delay
        self.thread: Final = threading.Thread(target=self._ask_on, daemon=True)

    def _ask_on(self) -> None:
        pause = self._delay
        while not self._over.wait(pause):
            self.request = Request()
            self.request.make(self._get)
            if self.request.status is None or self._over.is_set():
                return
            self.answered += 1
            self.statuses.add(self.request.status)
            pause = _PAUSE


class Clients:
    """So many clients at once, until the stop signal; then what they wait for is followed to its end."""

    def __init__(self, get: Get, number: int, delay: float = 0.0) -> None:
        """Let them ask in so many seconds."""
        self._over = threading.Event()
        self._get = get
        self._clients = [Client(get, self._over, delay) for _ in range(number)]
        self._accepted: frozenset[int] = frozenset()
        self._in_flight: list[Request] = []
        for client in self._clients:
            client.thread.start()
        self._sampling = threading.Thread(target=self._sample, daemon=True)
        self._sampling.start()

    def _sample(self) -> None:
        # A connection that breaks before the signal is gone from the kernel's table when that is noticed.
        while not self._over.wait(_SAMPLE):
            self._accepted |= accepted(self._get.address.port)

    @property
    def trouble(self) -> str:
        """Why requests do not come so far as to be in flight; empty where they do."""
        broken = [client.request for client in self._clients if client.request.ended_at and not client.request.status]
        if not broken:
            return ""
        return "is refused" if broken[0].refused else "gets no answer: the connection is closed"

    def hold(self) -> None:
        """Let nobody ask anew: what is in flight now is what the stop signal meets."""
        self._over.set()
        self._sampling.join()
        self._accepted |= accepted(self._get.address.port)
        requests = [client.request for client in self._clients]
        self._in_flight = [request for request in requests if request.is_made and request.ended_at is None]

    def outcome(self, began: float, seconds: float) -> InFlight:
        """What became of them, once all have ended or the time is over; moments count from `began`."""
        deadline = time.monotonic() + seconds
        for client in self._clients:
            client.thread.join(max(deadline - time.monotonic(), 0))
        made = [client.request for client in self._clients if client.request.is_made]
        failed = [request for request in made if self._is_broken(request)]
        refused = [request for request in failed if request.refused and request not in self._in_flight]
        lost = [request for request in failed if request not in refused]
        done = [request for request in self._in_flight if not self._is_broken(request)]
        cut = [request for request in lost if self._is_accepted(request)]
        finished = [request for request in done if self._is_accepted(request)]
        return InFlight(
            finished=len(finished),
            cut=len(cut),
            served=len(done) - len(finished),
            lost=len(lost) - len(cut),
            turned_away=len(refused),
            answered=sum(client.answered for client in self._clients),
            statuses=tuple(sorted(self._statuses())),
            over=max((_end(request) - began for request in (*finished, *cut)), default=None),
            first_cut=min((_end(request) - began for request in cut), default=None),
        )

    def _is_broken(self, request: Request) -> bool:
        # What a server answers with an error all the time is its answer.
        errs = any(status >= _SERVER_ERROR for client in self._clients for status in client.statuses)
        return request.status is None or (request.status >= _SERVER_ERROR and not errs)

    def _is_accepted(self, request: Request) -> bool:
        return request.port in self._accepted

    def _statuses(self) -> set[int]:
        own = {client.request.status for client in self._clients if client.request.status is not None}
        return own.union(*(client.statuses for client in self._clients))


def _end(request: Request) -> float:
    return time.monotonic() if request.ended_at is None else request.ended_at


class Latecomers:
    """Clients that come one after another while the server stops, each with a connection of its own."""

    def __init__(self, get: Get) -> None:
        """Nobody comes before it is entered."""
        self._get = get
        self._left = threading.Event()
        self._answers: dict[float, Answer] = {}
        self._thread = threading.Thread(target=self._come, daemon=True)

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _come(self) -> None:
        pause = _LATECOMER
        while not self._left.wait(pause):
            threading.Thread(target=self._knock, daemon=True).start()
            pause = min(pause * _SLOWER, _SLOWEST)

    def _knock(self) -> None:
        at = time.monotonic()
        self._answers[at] = Answer.HANGS
        try:
            with self._get.connect(None) as connection:
                self._get.ask(connection)
        except ConnectionRefusedError:
            self._answers[at] = Answer.REFUSED
        except (OSError, http.client.HTTPException):
            pass  # it was let in, and cut when the server went
        else:
            self._answers[at] = Answer.SERVED

    def met(self, end: float) -> tuple[Answer, ...]:
        """What those met who came before the server was about to end, in the order in which it changed.

        Nothing where it ended before anybody could tell.
        """
        told = self._told(end) if end - self.began >= _LEAST_TO_TELL else []
        return tuple(answer for answer, before in zip(told, [None, *told], strict=False) if answer is not before)

    def _told(self, end: float) -> list[Answer]:
        with suppress(RuntimeError):  # somebody comes while we look
            return [self._answers[at] for at in sorted(self._answers) if at < end - _LAST_BEFORE]
        return []
