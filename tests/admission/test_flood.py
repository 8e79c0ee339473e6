"""Strangers flood the webhook's port with all that costs memory: it stays below the chart's limit, and judges."""

from __future__ import annotations

import json
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest
import yaml

from tests.admission.manifests import ROOT_USER, deployment
from tests.admission.operator import CHART
from tests.cluster.client import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.admission.operator import Operator
    from tests.cluster.client import Client

pytestmark = pytest.mark.cluster

MIB: Final = 2**20
SECONDS: Final = 15
LARGEST: Final = 16 * MIB
SMALL: Final = 250 * 1024
"""As much as is read of many reviews at once."""

HEAD: Final = b"POST /workloads HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\n"
CHUNKED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def sized(body: bytes, length: int | None = None) -> bytes:
    """A request with this body, which may claim to be longer than it is."""
    return HEAD + b"Content-Length: %d\r\n\r\n" % (length or len(body)) + body


def review(filling: bytes) -> bytes:
    """A review whose object holds JSON values, as many as fit."""
    kind = {"group": "apps", "version": "v1"}
    request = {
        "uid": "flood",
        "kind": {**kind, "kind": "Deployment"},
        "resource": {**kind, "resource": "deployments"},
        "name": "web",
        "namespace": "default",
        "operation": "CREATE",
        "userInfo": {"username": "mallory"},
        "object": {"spec": {"template": {"spec": {"containers": ["FILLING"]}}}},
    }
    asked = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return json.dumps(asked).encode().replace(b'"FILLING"', filling)


def filled(size: int, value: bytes) -> bytes:
    """A review of about so many bytes, of values like this one."""
    return review(b",".join([value] * (size // (len(value) + 1))))


ATTACKS: Final[dict[str, tuple[int, Callable[[], Iterator[bytes]]]]] = {
    "100 MB, announced": (16, lambda: iter([sized(b"x" * MIB, 100 * MIB), *[b"x" * MIB] * 99])),
    "100 MB, in chunks": (16, lambda: iter([CHUNKED, *[b"100000\r\n" + b"x" * MIB + b"\r\n"] * 100])),
    "16 MB of one text": (8, lambda: iter([sized(review(b'"%s"' % (b"x" * (LARGEST - 1000))))])),
    "16 MB of small values": (8, lambda: iter([sized(filled(LARGEST - 1000, b"{}"))])),
    "as many values as are read": (8, lambda: iter([sized(filled(490_000, b"{}"))])),
    "many small reviews of small values": (64, lambda: iter([sized(filled(SMALL, b"{}"))])),
    "deep": (8, lambda: iter([sized(review(b'{"a":' * 100_000 + b"0" + b"}" * 100_000))])),
    "slow heads": (150, lambda: iter([HEAD[:20]])),
    "slow bodies": (150, lambda: iter([sized(b"{" * (SMALL - 1), SMALL)])),
}
"""How many strangers do each at the same time, and what each of them sends again and again."""


def connected(operator: Operator) -> ssl.SSLSocket:
    """A connection as a stranger makes it."""
    url = urlsplit(operator.url)
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    return anybody.wrap_socket(socket.create_connection((url.hostname, url.port), timeout=5))


def attack(operator: Operator, parts: Callable[[], Iterator[bytes]], end: float) -> int:
    """Send it again and again until the end; gives how often something was answered."""
    answers = 0
    while time.monotonic() < end:
        with suppress(OSError), connected(operator) as connection:
            with suppress(OSError):  # who is refused unread may find the connection closed
                for part in parts():
                    connection.sendall(part)
            answers += bool(connection.recv(65536))
    return answers


def test_a_flood_takes_no_more_memory_than_there_is(operator: Operator, enforced: str, client: Client) -> None:
    """All at once, from hundreds of connections; nothing dies, and afterwards everything is as it was."""
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    limit = MIB * int(values["resources"]["limits"]["memory"].removesuffix("Mi"))
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(sum(number for number, _ in ATTACKS.values())) as strangers:
        attacks = {
            what: [strangers.submit(attack, operator, parts, end) for _ in range(number)]
            for what, (number, parts) in ATTACKS.items()
        }
    answered = {what: sum(each.result() for each in of_it) for what, of_it in attacks.items()}
    print(f"at most {operator.peak_memory() / MIB:.0f} MiB; answers: {answered}")  # noqa: T201 - worth reading

    assert sum(answered.values()) > 0
    assert operator.peak_memory() < limit
    eventually(operator.ready)
    eventually(lambda: "run-as-root" in client.create(deployment(enforced, ROOT_USER), dry_run=True).message)
