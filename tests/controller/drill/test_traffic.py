"""Clients of a server that stops: who is finished, who is cut, and who never got past the listen queue."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from gracekeeper.drill.address import Address, accepted, expect_free
from gracekeeper.drill.observed import Answer
from gracekeeper.drill.probing import Get
from gracekeeper.drill.traffic import Clients, Latecomers
from gracekeeper.errors import SurroundingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has a table of its connections")

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Listening:
    """A server whose every move is the test's."""

    def __init__(self) -> None:
        """It listens and accepts nobody."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.get = Get(Address("127.0.0.1", self.socket.getsockname()[1]))
        self.connections: list[socket.socket] = []

    def accept(self) -> socket.socket:
        """Let the next one in, and read what it asks."""
        connection, _ = self.socket.accept()
        assert connection.recv(4096).startswith(b"GET / HTTP/1.1\r\n")
        self.connections.append(connection)
        return connection

    def go(self) -> None:
        """End, as a process ends: what is open is reset."""
        for each in (self.socket, *self.connections):
            each.close()


@pytest.fixture
def server() -> Iterator[Listening]:
    """It is gone when the test is over."""
    listening = Listening()
    yield listening
    listening.go()


def _eventually(number: int, server: Listening) -> None:
    deadline = time.monotonic() + 5
    while len(accepted(server.get.address.port)) != number:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _answer(connection: socket.socket, answer: bytes = _OK) -> None:
    connection.sendall(answer)
    connection.close()


def test_finished_cut_and_queued_are_told_apart(server: Listening) -> None:
    """Of three requests one is answered, one is accepted and cut, and nobody ever accepts the third."""
    clients = Clients(server.get, 3)
    first, second = server.accept(), server.accept()
    _eventually(2, server)
    clients.hold()
    _answer(first)
    second.close()
    server.go()

    found = clients.outcome(time.monotonic(), 5)

    assert (found.finished, found.cut, found.served, found.lost) == (1, 1, 0, 1)
    assert (found.accepted, found.queued) == (2, 1)


def test_queued_request_may_be_served_after_the_signal(server: Listening) -> None:
    """A worker that drains may still take it."""
    clients = Clients(server.get, 1)
    time.sleep(0.1)
    clients.hold()
    _answer(server.accept())

    assert clients.outcome(time.monotonic(), 5).served == 1


def test_requests_are_made_anew_until_the_signal(server: Listening) -> None:
    """What was answered before is counted, and what the signal meets is one more."""
    clients = Clients(server.get, 1)
    for _ in range(3):
        _answer(server.accept())
    last = server.accept()
    clients.hold()
    _answer(last)

    found = clients.outcome(time.monotonic(), 5)

    assert (found.answered, found.finished, found.statuses) == (3, 1, (200,))


def test_error_of_the_server_is_a_cut_request(server: Listening) -> None:
    """A server that gives up a request may say so: it is lost all the same."""
    clients = Clients(server.get, 1)
    connection = server.accept()
    clients.hold()
    _answer(connection, _UNAVAILABLE)

    found = clients.outcome(time.monotonic(), 5)

    assert (found.cut, found.statuses) == (1, (503,))


def test_error_that_is_the_usual_answer_is_an_answer(server: Listening) -> None:
    """Whoever asks what always fails learns nothing of the stop."""
    clients = Clients(server.get, 1)
    _answer(server.accept(), _UNAVAILABLE)
    connection = server.accept()
    clients.hold()
    _answer(connection, _UNAVAILABLE)

    assert clients.outcome(time.monotonic(), 5).finished == 1


def test_request_that_breaks_before_the_signal_is_cut(server: Listening) -> None:
    """A pre-stop hook may stop the server before the signal does."""
    clients = Clients(server.get, 1)
    connection = server.accept()
    time.sleep(0.2)
    connection.close()
    time.sleep(0.2)

    assert clients.trouble == "gets no answer: the connection is closed"
    clients.hold()
    assert clients.outcome(time.monotonic(), 5).cut == 1


def test_client_that_is_refused_before_the_signal_is_turned_away(server: Listening) -> None:
    """It was no request in flight."""
    server.go()
    clients = Clients(server.get, 2)
    time.sleep(0.2)

    assert clients.trouble == "is refused"
    clients.hold()
    found = clients.outcome(time.monotonic(), 5)
    assert (found.turned_away, found.cut, found.lost) == (2, 0, 0)


@contextmanager
def _coming(server: Listening) -> Iterator[Latecomers]:
    with Latecomers(server.get) as latecomers:
        yield latecomers


def test_latecomers_are_served_then_hang_then_are_refused(server: Listening) -> None:
    """What they meet is told in the order in which it changes."""
    with _coming(server) as latecomers:
        _answer(server.accept())
        time.sleep(1.0)  # somebody connects meanwhile, and hears nothing
        server.go()
        time.sleep(1.2)
        end = time.monotonic()

    assert latecomers.met(end) == (Answer.SERVED, Answer.HANGS, Answer.REFUSED)


def test_nothing_is_told_of_latecomers_where_the_end_came_at_once(server: Listening) -> None:
    """The first may still be let in, and nobody comes after."""
    with _coming(server) as latecomers:
        time.sleep(0.5)

    assert latecomers.met(time.monotonic()) == ()


def test_taken_port_is_told(server: Listening) -> None:
    """Two programs cannot listen at one place; another address means the same port."""
    port = server.get.address.port

    for host in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(SurroundingsError, match=f"port {port} is taken"):
            expect_free(Address(host, port))
    server.go()
    expect_free(Address("127.0.0.1", port))


def test_address_that_is_elsewhere_is_left_to_the_program() -> None:
    """It meets the same, and says so itself."""
    with suppress(SurroundingsError):
        expect_free(Address("192.0.2.1", 8000))
