"""A node of this machine: pods run as processes, each at an address of its own.

Everything else is Kubernetes' own: the controllers make and delete the pods, those of the Service find their addresses,
and the API server calls them there.
"""

from __future__ import annotations

import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import urllib3

from tests.cluster import services
from tests.cluster.container import Container
from tests.cluster.daemon import Daemon
from tests.cluster.kubelet import report_completed, report_ended, report_running
from tests.cluster.services import routes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.network import PodNetwork, Sandbox

TICK: Final = 0.2
PATIENCE: Final = 60


class LivePod:
    """A pod's process: probed and, if the pod says so, started again when it ends, until the pod is deleted.

    It is not `ready` from its start or restart until its probe succeeds.
    """

    def __init__(self, client: Client, manifest: Manifest, container: Container, sandbox: Sandbox, log: Path) -> None:
        """Start it."""
        self.container: Final = container
        self.address: Final = sandbox.address
        self.ending = False
        self.daemon = Daemon(log.parent.name, sandbox.command(*container.command), log, container.environment)
        self._client = client
        self._manifest = manifest
        self._sandbox = sandbox
        self._probed = 0.0
        self._report(ready=False)

    def look(self) -> None:
        """Start it again if it has ended, and probe it if it is time to."""
        if not self.daemon.running and not self.ending:
            self._end()
        probe = self.container.readiness
        if probe and time.monotonic() - self._probed >= probe["periodSeconds"]:
            self._probed = time.monotonic()
            self._probe(probe)

    def _end(self) -> None:
        if self.container.restarts:
            self._report(ready=False)
            command = self._sandbox.command(*self.container.command)
            self.daemon = Daemon(self.daemon.name, command, self.daemon.log, self.container.environment)
        else:
            self.ending = True
            report_completed(self._client, self._manifest, self.daemon.process.returncode)

    def _probe(self, probe: dict[str, Any]) -> None:
        ready = answers(f"http://{self._sandbox.address}:{probe['port']}{probe['path']}", probe["timeoutSeconds"])
        if ready != self.ready:
            self._report(ready=ready)

    def _report(self, *, ready: bool) -> None:
        self.ready = ready
        report_running(self._client, self._manifest, self._sandbox.address, ready=ready)

    def terminate(self, seconds: float) -> None:
        """Pre-stop delay, SIGTERM, and SIGKILL after as many seconds as the pod is given; then it is gone."""
        killed = time.monotonic() + seconds
        time.sleep(self.container.pre_stop_seconds)
        self.daemon.process.send_signal(signal.SIGTERM)
        while self.daemon.running and time.monotonic() < killed:
            time.sleep(TICK)
        self.daemon.kill()
        report_ended(self._client, self._manifest)


class Node:
    """Runs all pods of a namespace; `pods` are by their uid, those that are gone too."""

    def __init__(self, control_plane: ControlPlane, network: PodNetwork, folder: Path, namespace: str) -> None:
        """Nothing runs before `play`; what runs then keeps its files and logs in `folder`."""
        self.pods: Final[dict[str, LivePod]] = {}
        self._control_plane = control_plane
        self._network = network
        self._folder = folder
        self._namespace = namespace
        self._services: list[Daemon] = []
        self._ends = ThreadPoolExecutor(8)

    def play(self, stop: Event) -> None:
        """Do what a kubelet does until told to stop."""
        client = self._control_plane.client
        while not stop.wait(TICK):
            for manifest in client.items("v1", "Pod", self._namespace):
                self._look_at({**manifest, "apiVersion": "v1", "kind": "Pod"})
            for pod in self.pods.values():
                if pod.daemon.running or not pod.ending:
                    pod.look()

    def _look_at(self, manifest: Manifest) -> None:
        metadata = manifest["metadata"]
        pod = self.pods.get(metadata["uid"])
        deleted = "deletionTimestamp" in metadata
        if pod is None and not deleted:
            self._start(manifest)
        elif pod is not None and deleted and not pod.ending:
            pod.ending = True
            self._ends.submit(pod.terminate, metadata["deletionGracePeriodSeconds"])

    def _start(self, manifest: Manifest) -> None:
        folder = self._folder / manifest["metadata"]["name"]
        folder.mkdir()
        container = Container(self._control_plane, manifest, folder)
        sandbox = self._network.pod()
        if not container.restarts:
            self._lead_to_services(sandbox, folder)
        pod = LivePod(self._control_plane.client, manifest, container, sandbox, folder / "log")
        self.pods[manifest["metadata"]["uid"]] = pod

    def _lead_to_services(self, sandbox: Sandbox, folder: Path) -> None:
        """Have the Services' addresses lead where they lead now; who goes on asking for long would miss changes."""
        found = list(routes(self._control_plane.client, self._namespace))
        sandbox.own({each.address for each in found})
        command, log = sandbox.command(sys.executable, services.__file__, *map(str, found)), folder / "services.log"
        leading = Daemon("services", command, log).ready(lambda: services.LISTENS in log.read_text("utf-8"), PATIENCE)
        self._services.append(leading)

    def end(self) -> None:
        """Kill what still runs."""
        for daemon in self._services:
            daemon.kill()
        for pod in self.pods.values():
            pod.ending = True
            pod.daemon.kill()
        self._ends.shutdown(cancel_futures=True)


@contextmanager
def playing(node: Node) -> Iterator[Node]:
    """The node lives; what went wrong on it is raised at the end."""
    stop = Event()
    with ThreadPoolExecutor(1) as thread:
        played = thread.submit(node.play, stop)
        try:
            yield node
        finally:
            stop.set()
            played.result()
            node.end()


def answers(url: str, seconds: float) -> bool:
    """Whether a probe succeeds."""
    try:
        return urllib3.request("GET", url, timeout=seconds, retries=False).status < 400
    except urllib3.exceptions.HTTPError:
        return False
