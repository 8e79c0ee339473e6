"""A network of pods without nodes: network namespaces on a bridge, which the API server reaches as it reaches pods."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NETWORKS: Final = range(1, 100)
"""The third parts of the addresses 10.99.N.x that our networks take."""

NAMESPACES: Final = Path("/run/netns")


class NetworkError(Exception):
    """A network that cannot be made here: no privilege, or no program `ip`."""


@dataclass(frozen=True)
class Sandbox:
    """What a pod's processes run in: a network namespace with an address of its own."""

    name: str
    address: str

    def command(self, *command: str | Path) -> list[str | Path]:
        """The command line that runs a command in here; the command replaces `ip`, so it gets its signals itself."""
        return ["ip", "netns", "exec", self.name, *command]

    def own(self, addresses: Iterable[str]) -> None:
        """Have these addresses lead to processes in here."""
        for address in addresses:
            ip("-netns", self.name, "address", "add", f"{address}/32", "dev", "lo")


@dataclass(frozen=True)
class PodNetwork:
    """A bridge of the host, with pods at it."""

    number: int
    _pods: Iterator[int] = field(default_factory=lambda: count(2), repr=False)

    @property
    def host(self) -> str:
        """The host's address, where pods find what listens there."""
        return f"10.99.{self.number}.1"

    @property
    def bridge(self) -> str:
        """The interface that all pods are connected to."""
        return f"gracekeeper{self.number}"

    def pod(self) -> Sandbox:
        """Make a sandbox for one more pod; it goes with the network."""
        pod = next(self._pods)
        sandbox = Sandbox(f"{self.bridge}-{pod}", f"10.99.{self.number}.{pod}")
        host_end = f"gk{self.number}-{pod}"
        ip("netns", "add", sandbox.name)
        ip("link", "add", host_end, "type", "veth", "peer", "name", "eth0", "netns", sandbox.name)
        ip("link", "set", host_end, "master", self.bridge, "up")
        ip("-netns", sandbox.name, "address", "add", f"{sandbox.address}/24", "dev", "eth0")
        ip("-netns", sandbox.name, "link", "set", "eth0", "up")
        ip("-netns", sandbox.name, "link", "set", "lo", "up")
        return sandbox

    def _make(self) -> None:
        ip("link", "add", self.bridge, "type", "bridge")
        ip("address", "add", f"{self.host}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")

    def _clear(self) -> None:
        """Take everything away; interfaces go with the namespace that holds one end of them."""
        for namespace in NAMESPACES.glob(f"{self.bridge}-*"):
            ip("netns", "delete", namespace.name)
        if Path("/sys/class/net", self.bridge).exists():
            ip("link", "delete", self.bridge)


@contextmanager
def temporary_network() -> Iterator[PodNetwork]:
    """A network that no other process uses, gone at the end.

    Raises:
        NetworkError: it cannot be made here.
    """
    with taken_number() as number:
        network = PodNetwork(number)
        network._clear()  # what a killed process left under this number
        try:
            network._make()
            yield network
        finally:
            network._clear()


@contextmanager
def taken_number() -> Iterator[int]:
    """The number of a network; it is taken as long as this process lives, whatever ends it."""
    for number in NETWORKS:
        with Path(tempfile.gettempdir(), f"gracekeeper-network-{number}").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    raise NetworkError(f"{len(NETWORKS)} networks are in use")


def ip(*arguments: str) -> None:
    """Run iproute2's `ip`.

    Raises:
        NetworkError: with what it said.
    """
    if shutil.which("ip") is None:
        raise NetworkError("there is no program `ip`; the package iproute2 has it")
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False, timeout=10)
    if done.returncode:
        raise NetworkError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
