"""Asks what the kubelet asks: over HTTP, by a connection, by a command beside the program."""

from __future__ import annotations

import http.client
import socket
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper.drill.contained import end

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from gracekeeper.drill.address import Address
    from gracekeeper.drill.contained import Contained

_LONGEST_COMPLAINT: Final = 200
_LOOK: Final = 0.02
_NOTICED: Final = 0.2
_GOOD: Final = range(200, 400)


class Get(Struct, frozen=True):
    """An HTTP question; a redirect is an answer, and a certificate is not verified, as with the kubelet."""

    address: Address
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_tls: bool = False

    def connect(self, seconds: float | None) -> socket.socket:
        """A connection of its own.

        Raises:
            OSError: nobody accepts it.
        """
        return socket.create_connection((self.address.reachable, self.address.port), timeout=seconds)

    def ask(self, connection: socket.socket) -> int:
        """The status of the answer, once all of it is here.

        Raises:
            OSError, http.client.HTTPException: there is no whole answer.
        """
        client = http.client.HTTPConnection(self.address.reachable, self.address.port)
        client.sock = _secured(connection) if self.is_tls else connection
        headers = {"User-Agent": "gracekeeper-drill", "Connection": "close"} | dict(self.headers)
        client.request("GET", self.path, headers=headers)
        response = client.getresponse()
        response.read()
        return response.status

    def complaint(self, seconds: float) -> str:
        """What is wrong with the answer on a connection of its own; empty for a good one.

        Raises:
            OSError, http.client.HTTPException: there is no whole answer in time.
        """
        with self.connect(seconds) as connection:
            status = self.ask(connection)
        return "" if status in _GOOD else f"it was answered {status}"

    def __str__(self) -> str:
        """`GET http://127.0.0.1:8000/ready`."""
        return f"GET {'https' if self.is_tls else 'http'}://{self.address}{self.path}"


def _secured(connection: socket.socket) -> socket.socket:
    import ssl  # noqa: PLC0415 - few probes ask over TLS

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection)


class Command(Struct, frozen=True):
    """A command beside the program."""

    words: tuple[str, ...]

    def run(self, contained: Contained, seconds: float) -> str:
        """Run it until it ends, its time is over or the container is gone; returns how it failed, or nothing.

        Raises:
            TimeoutError: its time was over.
        """
        process = contained.beside(self.words)
        deadline = time.monotonic() + seconds
        try:
            while process.poll() is None and contained.running:
                if time.monotonic() > deadline:
                    raise TimeoutError
                time.sleep(_LOOK)
        finally:
            end(process)
        # The end of the container ends it too, and is noticed a moment later.
        failed = process.returncode and not contained.wait(_NOTICED)
        return f"it ended with {process.returncode}{_said(process)}" if failed else ""

    def __str__(self) -> str:
        """The command as it is written."""
        return " ".join(self.words)


def _said(process: subprocess.Popen[bytes]) -> str:
    text = process.stdout.read(_LONGEST_COMPLAINT).decode("utf-8", "replace") if process.stdout else ""
    return f": {' '.join(text.split())}" if text.strip() else ""


class Connect(Struct, frozen=True):
    """A connection attempt."""

    address: Address

    def __str__(self) -> str:
        """`a connection to 127.0.0.1:8000`."""
        return f"a connection to {self.address}"


class Question(Struct, frozen=True):
    """What decides whether a container is ready, and how long one answer may take."""

    ask: Get | Connect | Command
    seconds: float = 1.0

    def trouble(self, contained: Contained) -> str:
        """What is wrong with the answer; empty for a good one."""
        try:
            return self._answer(contained)
        except TimeoutError:
            return f"no answer within {self.seconds:g} s"
        except (OSError, http.client.HTTPException) as error:
            return str(getattr(error, "strerror", "") or type(error).__name__).lower()

    def _answer(self, contained: Contained) -> str:
        match self.ask:
            case Command() as command:
                return command.run(contained, self.seconds)
            case Connect(address=address):
                Get(address).connect(self.seconds).close()
                return ""
            case Get() as get:
                return get.complaint(self.seconds)
