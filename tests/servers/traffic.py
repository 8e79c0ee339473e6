"""Clients of a server that is being stopped: one whose request is in flight, and others that knock meanwhile."""

from __future__ import annotations

import enum
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from typing import Final, Self

from tests.servers.contained import APPLICATIONS

_PATIENCE: Final = 120.0
_PAUSE: Final = 0.3
_worker: Final = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
_ports: Final = count(18000 + 500 * int(_worker))


class Answer(enum.Enum):
    """What a new connection meets."""

    SERVED = "served"
    REFUSED = "refused"
    HANGS = "hang"


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel hands out."""
    for port in _ports:
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            return port
    raise AssertionError


def ask(port: int, path: str, patience: float = _PATIENCE) -> bool:
    """Whether the server answers with success; on a connection of its own.

    Raises:
        OSError, http.client.HTTPException: it does not answer.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status == http.client.OK
    finally:
        connection.close()


def answers(port: int) -> bool:
    """Whether the server is up."""
    try:
        return ask(port, "/", patience=5)
    except (OSError, http.client.HTTPException):
        return False


class Request:
    """A request in flight."""

    def __init__(self, port: int, path: str) -> None:
        """Send it."""
        self.done = False
        self._asking = threading.Thread(target=self._ask, args=(port, path), daemon=True)
        self._asking.start()

    def _ask(self, port: int, path: str) -> None:
        with suppress(OSError, http.client.HTTPException):
            self.done = ask(port, path)

    def wait(self, seconds: float) -> bool:
        """Wait until it is answered or cut; says whether it was answered with success."""
        self._asking.join(max(seconds, 0))
        return self.done


class Session:
    """A page that is open in a browser: a program, which ends well once the page is there as a whole."""

    def __init__(self, name: str, port: int, seconds: float) -> None:
        """Open it, for a page that takes so many seconds."""
        program = [sys.executable, str(APPLICATIONS / name), str(port), str(seconds)]
        self._browser = subprocess.Popen(program, stderr=subprocess.DEVNULL)

    def wait(self, seconds: float) -> bool:
        """Wait until it is there or its connection is cut; says whether it is there."""
        try:
            return self._browser.wait(max(seconds, 0)) == 0
        except subprocess.TimeoutExpired:
            self._browser.kill()
            return False


class Knocking:
    """Clients that come one after another, each with a connection of its own, until it is left."""

    def __init__(self, port: int) -> None:
        """Nothing is tried before it is entered."""
        self._port = port
        self._left = threading.Event()
        self._answers: dict[float, Answer] = {}
        self._thread = threading.Thread(target=self._knock_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _knock_on(self) -> None:
        while not self._left.is_set():
            threading.Thread(target=self._knock, daemon=True).start()
            self._left.wait(_PAUSE)

    def _knock(self) -> None:
        at = time.monotonic()
        self._answers[at] = Answer.HANGS
        try:
            if ask(self._port, "/"):
                self._answers[at] = Answer.SERVED
        except ConnectionRefusedError:
            self._answers[at] = Answer.REFUSED
        except (OSError, http.client.HTTPException):
            pass  # it was let in, and cut when the server went

    def last_before(self, end: float) -> Answer | None:
        """What the last one met who came before that moment; None where nobody did."""
        times = [at for at in self._answers if at < end]
        return self._answers[max(times)] if times else None
