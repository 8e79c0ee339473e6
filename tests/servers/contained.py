"""A command line as PID 1 of a PID namespace of its own, as a container runtime starts it."""

from __future__ import annotations

import ipaddress
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import pytest

from gracekeeper_policies.once import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

APPLICATIONS: Final = Path(__file__).parent / "apps"
PROGRAMS: Final = Path(sys.executable).parent
_TAIL: Final = 30
_CALM: Final = 0.5
_NEXT_TO_NOTHING: Final = 0.02
_LISTENS: Final = "0A"
_SECOND: Final = os.sysconf("SC_CLK_TCK")


@cache
def namespace() -> tuple[str, ...] | None:
    """What starts a program as PID 1 and leader of a session; as root, or else in a user namespace. None: neither."""
    for user in ((), ("--user", "--map-root-user")):
        prefix = ("unshare", *user, "--pid", "--fork", "--kill-child", "--mount-proc", "setsid")
        if (
            shutil.which("unshare")
            and not subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode
        ):
            return prefix
    return None


class Contained:
    """A program that runs as PID 1, with its files in a folder of its own.

    It does not outlive us: its namespace goes with the `unshare` that made it. With `setup` it has a network and mounts
    of its own too, and a shell runs that text before it makes way.
    """

    def __init__(self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], setup: str = "") -> None:
        """Start it; the environment holds only what a container would have, and what the test needs."""
        prefix = namespace()
        if prefix is None:
            pytest.skip("PID namespaces are missing; util-linux and the right to use them would provide them")
        if setup:
            text = f'ip link set lo up && {setup} && exec "$@"'
            prefix = (prefix[0], "--net", "--mount", *prefix[1:], "sh", "-c", text, "sh")
        self.folder: Final = folder
        self.log: Final = folder / "log"
        bound = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        with self.log.open("wb") as output:
            self._outer = subprocess.Popen(
                [*bound, *prefix, *argv],
                cwd=folder,
                env={**ordinary(folder), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.ended_at: float | None = None
        self._waiting = threading.Thread(target=self._wait, daemon=True)
        self._waiting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._outer.kill()
        self._waiting.join()

    def _wait(self) -> None:
        self._outer.wait()
        self.ended_at = time.monotonic()

    @property
    def running(self) -> bool:
        """Whether PID 1 still runs."""
        return self.ended_at is None

    @property
    def exit_code(self) -> int | None:
        """As a container runtime counts: 128 and the signal where one ended it; None while it runs."""
        code = None if self.running else self._outer.returncode
        return 128 - code if code is not None and code < 0 else code

    @once
    def pid(self) -> int:
        """Its number outside of the namespace."""
        while self.running:
            if children := _children(self._outer.pid):
                return children[0]
            time.sleep(0.005)
        pytest.fail(self.obituary("ended before it began"))

    def signal(self, name: str, again: float | None = None) -> float:
        """Send a signal to PID 1 and to nobody else, and `again` so many seconds later; returns when it came first."""
        sent_at = time.monotonic()
        os.kill(self.pid, signal.Signals[name])
        if again is not None and not self.wait(again):
            os.kill(self.pid, signal.Signals[name])
        return sent_at

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; says whether it has."""
        self._waiting.join(max(seconds, 0))
        return not self.running

    def ready(self, question: Callable[[], bool], seconds: float) -> None:
        """Wait until the question is answered with yes."""
        deadline = time.monotonic() + seconds
        while not question():
            if not self.running or time.monotonic() > deadline:
                pytest.fail(self.obituary(f"is not ready after {seconds} s"))
            time.sleep(0.05)

    def settle(self, seconds: float = 30) -> None:
        """Wait until it computes next to nothing: a worker that still starts loses the signal."""
        deadline, before = time.monotonic() + seconds, -1.0
        while self.cpu_seconds() > before + _NEXT_TO_NOTHING and time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(_CALM)

    def await_file(self, name: str, seconds: float = 60) -> None:
        """Wait until the application has written a file."""
        deadline = time.monotonic() + seconds
        while not (self.folder / name).exists():
            if not self.running or time.monotonic() > deadline:
                pytest.fail(self.obituary(f"wrote no {name}"))
            time.sleep(0.01)

    def forget(self, *names: str) -> None:
        """Remove what the application has written."""
        for name in names:
            (self.folder / name).unlink()

    def wrote(self, name: str) -> bool:
        """Whether the application has written a file."""
        return (self.folder / name).exists()

    def processes(self) -> list[int]:
        """Every process in the namespace that we can see."""
        return [self.pid, *_descendants(self.pid)]

    def unreclaimable_mib(self) -> float:
        """The anonymous memory of all its processes; a page that several share counts once."""
        return sum(_of_rollup(process, "Pss_Anon:") for process in self.processes()) / 1024

    def listens(self) -> set[tuple[str, int]]:
        """The TCP addresses of its network that somebody listens on."""
        tables = [_of_network(self.pid, name) for name in ("tcp", "tcp6")] if self.running else []
        sockets = (line.split() for table in tables for line in table.splitlines()[1:])
        return {_address(fields[1]) for fields in sockets if fields[3] == _LISTENS}

    def asks(self, *words: str) -> bool:
        """Whether a program that runs in its network ends well."""
        user = ("--user", "--preserve-credentials") if "--user" in (namespace() or ()) else ()
        inside = ["nsenter", "--target", str(self.pid), *user, "--net", *words]
        return not subprocess.run(inside, check=False, capture_output=True, cwd=self.folder).returncode

    def cpu_seconds(self) -> float:
        """What all its processes have computed so far, those that ended included."""
        return sum(_ticks(process) for process in self.processes()) / _SECOND

    def obituary(self, what: str) -> str:
        """What happened, with the end of its log."""
        ended = "it still runs" if self.running else f"it ended with {self.exit_code}"
        lines = self.log.read_text("utf-8", "replace").splitlines()[-_TAIL:]
        return "\n".join([f"it {what}; {ended}. The end of its log:", *lines])


def ordinary(folder: Path) -> dict[str, str]:
    """The environment that every application gets."""
    return {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(APPLICATIONS),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _children(process: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _descendants(process: int) -> Iterator[int]:
    for child in _children(process):
        yield child
        yield from _descendants(child)


def _of_rollup(process: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _of_network(process: int, name: str) -> str:
    try:
        return Path(f"/proc/{process}/net/{name}").read_text()
    except OSError:  # it is gone
        return ""


def _address(text: str) -> tuple[str, int]:
    """`0100007F:1F40` as the kernel writes it: four bytes at a time, each four backwards."""
    host, _, port = text.partition(":")
    numbers = bytes.fromhex(host)
    ordered = b"".join(numbers[start : start + 4][::-1] for start in range(0, len(numbers), 4))
    return str(ipaddress.ip_address(ordered)), int(port, 16)


def _ticks(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(each) for each in fields[11:15])
