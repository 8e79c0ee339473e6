"""What kubelet and Prometheus ask, on a port of its own."""

from __future__ import annotations

import asyncio
import http.client
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvloop

from gracekeeper.operator.health import Health
from gracekeeper.operator.metrics import Metrics
from gracekeeper.operator.operations import Operations
from gracekeeper.settings import OperatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serving(health: Health, metrics: Metrics) -> Iterator[int]:
    """The port of an operator, served while the block runs."""
    settings = OperatorSettings().model_copy(update={"operations_address": "127.0.0.1", "operations_port": 0})
    begun, stop, ports, loops = threading.Event(), asyncio.Event(), list[int](), list[asyncio.AbstractEventLoop]()

    async def serve() -> None:
        async with Operations(settings, health, metrics) as operations:
            ports.append(operations.port or 0)
            loops.append(asyncio.get_running_loop())
            begun.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: uvloop.run(serve()))
    thread.start()
    assert begun.wait(10)
    try:
        yield ports[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)


def got(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    """Status and text of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def test_readiness_names_every_check() -> None:
    """Who looks why a replica gets no reviews finds the part that is not ready."""
    health = Health()
    health.register("policies loaded", lambda: None)
    with serving(health, Metrics()) as port:
        assert (200, "[+]policies loaded ok\nready\n") == got(port, "/readyz")
        health.register("certificate valid", lambda: "it expired at 12:00")
        assert (503, "[+]policies loaded ok\n[-]certificate valid: it expired at 12:00\nnot ready\n") == got(
            port, "/readyz"
        )


def test_a_check_may_take_its_time() -> None:
    """One that asks the network is asynchronous."""
    health = Health()

    async def asked() -> str | None:
        await asyncio.sleep(0.01)
        return "nobody answers"

    health.register("webhook listener", asked)
    with serving(health, Metrics()) as port:
        assert (503, "[-]webhook listener: nobody answers\nnot ready\n") == got(port, "/readyz")


def test_a_check_that_fails_is_amiss() -> None:
    """And says no more than the kind of its failure."""
    health = Health()

    def broken() -> str | None:
        raise ValueError("hunter2")

    health.register("policies loaded", broken)
    with serving(health, Metrics()) as port:
        told = "[-]policies loaded: the check itself failed (ValueError)\nnot ready\n"
        assert (503, told) == got(port, "/readyz")


def test_what_drains_is_alive_but_not_ready() -> None:
    """A restart would cut the reviews that it finishes."""
    health = Health()
    health.draining = True
    with serving(health, Metrics()) as port:
        assert (200, "ok\n") == got(port, "/livez")
        assert (503, "[-]draining: this replica is being stopped and takes no new work\nnot ready\n") == got(
            port, "/readyz"
        )


def test_metrics_are_prometheus_text() -> None:
    """All names begin with the product's, but those of the process."""
    metrics = Metrics()
    metrics.findings.labels("grace-period-too-short", "enforce").inc()
    with serving(Health(), metrics) as port:
        status, text = got(port, "/metrics")
    assert 200 == status
    assert 'gracekeeper_findings_total{mode="enforce",rule="grace-period-too-short"} 1.0' in text.splitlines()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert all(name.startswith(("gracekeeper_", "process_")) for name in names)


def test_other_paths_and_writes_are_refused() -> None:
    """There is nothing else here."""
    with serving(Health(), Metrics()) as port:
        assert [404, 405] == [got(port, "/healthz")[0], got(port, "/metrics", "POST")[0]]
