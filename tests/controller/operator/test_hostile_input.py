"""What strangers may do at the webhook's port: clear answers, bounded memory, and reviews go on being answered."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import pytest

from gracekeeper.operator import listener
from gracekeeper.operator.reviewing import MAX_VALUES
from tests.cluster.client import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

    from tests.controller.operator.conftest import Webhook

    RunWebhook = Callable[..., AbstractContextManager[Webhook]]
    WriteReview = Callable[..., dict[str, Any]]

MIB = 2**20
HEAD = b"POST / HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def plain(webhook: Webhook) -> socket.socket:
    """A connection that has not spoken yet."""
    return socket.create_connection(("127.0.0.1", webhook.port), timeout=10)


def secured(webhook: Webhook) -> ssl.SSLSocket:
    """A connection that has agreed upon TLS."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    return anybody.wrap_socket(plain(webhook))


def rest(connection: socket.socket) -> bytes:
    """All that still comes, until the other side ends it."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def refusal(status: int, reason: str, message: str) -> tuple[int, dict[str, object]]:
    """What `Webhook.post` gives for a refused request."""
    return status, {
        "apiVersion": "v1",
        "kind": "Status",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": status,
    }


def test_plain_http_is_told_to_speak_https(webhook: RunWebhook) -> None:
    """It is the commonest mistake with such a port."""
    with webhook() as running, plain(running) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: webhook\r\n\r\n")
        told = rest(connection)
    assert told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert told.endswith(b"This port speaks HTTPS only.\n")


def test_garbage_instead_of_tls_ends_the_connection(webhook: RunWebhook, review: WriteReview) -> None:
    """It is counted, logged by nobody, and the next one is served."""
    with webhook() as running:
        with plain(running) as connection:
            connection.sendall(b"\x16\x03\x01" + bytes(range(256)))
            with suppress(ConnectionResetError):  # what was sent is not all read
                rest(connection)
        # The connection ends before it is counted.
        eventually(lambda: running.metric("gracekeeper_failed_handshakes_total", port="webhook") == 1)
        assert 200 == running.post(review())[0]


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01"], ids=["nothing", "half a greeting"])
def test_who_does_not_go_on_with_tls_is_cut(sent: bytes, webhook: RunWebhook) -> None:
    """A connection costs a place, so it has to begin within the time for reading."""
    with webhook(read_timeout_seconds=0.3) as running, plain(running) as connection:
        connection.sendall(sent)
        before = time.monotonic()
        rest(connection)
        assert 0.2 < time.monotonic() - before < 3


def test_a_head_that_comes_drop_by_drop_is_cut(webhook: RunWebhook, review: WriteReview) -> None:
    """Each drop would put off a timeout that begins anew with every byte."""
    with webhook(read_timeout_seconds=0.5) as running, secured(running) as connection:
        before = time.monotonic()
        with suppress(OSError):
            for drop in b"POST / HTTP/1.1\r\nHost: webhook\r\nX-Long: " + b"x" * 100:
                connection.sendall(bytes([drop]))
                time.sleep(0.05)
        assert time.monotonic() - before < 3
        assert 200 == running.post(review())[0]


def test_a_body_that_comes_drop_by_drop_is_cut(webhook: RunWebhook) -> None:
    """It is told why."""
    with webhook(read_timeout_seconds=0.3) as running, secured(running) as connection:
        connection.sendall(HEAD % 1000 + b"{")
        told = rest(connection)
    assert told.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"The review did not arrive within 0.3 s." in told


def test_a_body_of_100_mb_is_refused_unread(webhook: RunWebhook, review: WriteReview) -> None:
    """Its length says enough."""
    with webhook() as running:
        with secured(running) as connection:
            connection.sendall(HEAD % (100 * MIB) + b"x" * MIB)
            assert b"larger than 16 MiB" in connection.recv(65536)
        assert 200 == running.post(review())[0]
        assert 1 == running.metric("gracekeeper_refused_requests_total", port="webhook", status="413")


def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(webhook: RunWebhook) -> None:
    """Chunks say nothing of what is to come."""
    with webhook(max_body_mib=1) as running:
        connection = running.connect()
        connection.request(
            "POST", "/", iter([b" " * MIB, b" " * MIB]), {"Content-Type": "application/json"}, encode_chunked=True
        )
        response = connection.getresponse()
        assert 413 == response.status
        response.read()
        connection.close()


def test_a_body_of_very_many_values_is_refused(webhook: RunWebhook, review: WriteReview) -> None:
    """Two bytes can be a value of a hundred; the memory is finite."""
    asked = review(object={"a": 0})
    body = msgspec.json.encode(asked).replace(b'{"a":0}', b'{"a":[' + b"{}," * MAX_VALUES + b"{}]}")
    with webhook() as running:
        told = refusal(413, "RequestEntityTooLarge", f"The review holds more than {MAX_VALUES} values.")
        assert told == running.post(body)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b"manifest: yaml", "JSON is malformed: invalid character (byte 0)"),
        (b"[]", "Expected `object`, got `array`"),
        (b"\xff\xfe{}", "JSON is malformed: invalid character (byte 0)"),
        (b'{"apiVersion":"v1","kind":"Pod"}', "Invalid enum value 'v1' - at `$.apiVersion`"),
        (b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', "Object missing required field `request`"),
    ],
)
def test_what_is_no_review_gets_400(body: bytes, told: str, webhook: RunWebhook) -> None:
    """The API server passes the message on, as the reason why the call failed."""
    with webhook() as running:
        assert refusal(400, "BadRequest", f"The body is no admission review: {told}.") == running.post(body)


def test_another_version_of_reviews_gets_400(webhook: RunWebhook, review: WriteReview) -> None:
    """The chart asks for v1 only."""
    with webhook() as running:
        told = refusal(
            400,
            "BadRequest",
            "The body is no admission review: Invalid enum value 'admission.k8s.io/v1beta1' - at `$.apiVersion`.",
        )
        assert told == running.post(review() | {"apiVersion": "admission.k8s.io/v1beta1"})


def test_a_review_of_nobody_gets_400(webhook: RunWebhook, review: WriteReview) -> None:
    """Who asks decides whether a controller's Pod passes, so it is not guessed."""
    asked = review()
    del asked["request"]["userInfo"]
    with webhook() as running:
        status, answer = running.post(asked)
    assert (400, "The body is no admission review: Object missing required field `userInfo` - at `$.request`.") == (
        status,
        answer["message"],
    )


def test_deep_json_gets_400(webhook: RunWebhook, review: WriteReview) -> None:
    """A reader that calls itself for each bracket would end the process."""
    deep = msgspec.json.encode(review(object={"a": 0})).replace(b'{"a":0}', b'{"a":' * 200_000 + b"0" + b"}" * 200_000)
    with webhook() as running:
        assert refusal(400, "BadRequest", "The body is no admission review: it is nested too deeply.") == running.post(
            deep
        )
        assert 200 == running.post(review())[0]


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "application/yaml"}, {"Content-Type": ""}, {"Content-Encoding": "gzip"}]
)
def test_another_content_type_gets_415(headers: dict[str, str], webhook: RunWebhook, review: WriteReview) -> None:
    """Nothing is unpacked either: small bodies become large ones so."""
    with webhook() as running:
        told = refusal(415, "UnsupportedMediaType", "Reviews are application/json, not compressed.")
        assert told == running.post(review(), **headers)


def test_a_browser_gets_405(webhook: RunWebhook) -> None:
    """There is nothing to see."""
    with webhook() as running:
        connection = running.connect()
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        assert 405 == response.status
        assert "Reviews are sent by POST, not GET." == msgspec.json.decode(response.read())["message"]
        connection.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
    ],
    ids=["binary", "a length that is no number", "a long header", "two lengths", "a chunk without a length"],
)
def test_what_is_no_http_gets_400(sent: bytes, webhook: RunWebhook) -> None:
    """Without an echo of what was sent."""
    with webhook() as running, secured(running) as connection:
        connection.sendall(sent)
        told = rest(connection)
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 Bad Request\r\n", b"HTTP/1.0 400 Bad Request\r\n"))
    assert "The request is no valid HTTP." == msgspec.json.decode(body)["message"]


def test_when_all_places_are_taken_the_longest_idle_makes_room(
    webhook: RunWebhook, review: WriteReview, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens connections and says nothing cannot keep the API server out."""
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 4)
    with webhook() as running:
        silent = [secured(running) for _ in range(8)]
        assert [200] * 8 == [running.post(review())[0] for _ in range(8)]
        for connection in silent:
            connection.close()


def test_strangers_do_not_keep_reviews_from_their_answers(webhook: RunWebhook, review: WriteReview) -> None:
    """All of it at once, with reviews beside it."""
    with webhook(read_timeout_seconds=1.0) as running:
        stop = threading.Event()

        def disturb() -> None:
            while not stop.wait(0.01):
                for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01garbage", b""):
                    with plain(running) as connection:
                        connection.sendall(sent)

        disturbing = threading.Thread(target=disturb)
        disturbing.start()
        connection = running.connect()
        assert {200} == {running.exchange(connection, review())[0] for _ in range(200)}
        connection.close()
        stop.set()
        disturbing.join()


def test_a_client_that_leaves_in_the_middle_harms_nobody(
    webhook: RunWebhook, review: WriteReview, capsys: pytest.CaptureFixture[str]
) -> None:
    """An API server gives up on a review when its own client does."""
    with webhook() as running:
        for _ in range(5):
            connection = secured(running)
            connection.sendall(HEAD % 1000 + b"{")
            connection.close()
        assert 200 == running.post(review())[0]
        assert 0 == running.metric("gracekeeper_refused_requests_total", port="webhook", status="500")
    assert "error" not in capsys.readouterr().out


def test_answers_keep_their_connection(webhook: RunWebhook, review: WriteReview) -> None:
    """A handshake for each review would cost more than the review."""
    with webhook() as running:
        connection = running.connect()
        running.exchange(connection, review())
        kept = connection.sock
        running.exchange(connection, review())
        assert connection.sock is kept
        connection.close()
