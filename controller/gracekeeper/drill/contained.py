"""A program in a PID namespace, as a container runtime starts it: as PID 1, or behind its pod's own PID 1."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gracekeeper.drill.namespace import Namespace

_SHELLS_COUNT_FROM: Final = 128
_LAST_LINES: Final = 12
_LONGEST_TAIL: Final = 8192  # bytes
_GONE: Final = 10.0  # seconds until a killed namespace is gone; the kernel takes milliseconds
_LOOK: Final = 0.005
_BEHIND_ANOTHER: Final = ("sh", "-c", '"$@"; exit $?', "sh")


class _Process(Struct, frozen=True):
    """A process by its number, and by a descriptor that never means another one."""

    number: int
    descriptor: int

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.descriptor, number)


class Contained:
    """A program in a namespace, until it is left: then all of it is killed, as it is when we die ourselves."""

    def __init__(
        self,
        namespace: Namespace,
        words: Sequence[str],
        environment: Mapping[str, str],
        folder: str,
        *,
        as_pid_1: bool = True,
    ) -> None:
        """Start it; its output goes to a file that has no name and so leaves nothing behind."""
        self._namespace, self._environment, self._folder = namespace, dict(environment), folder
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed where the program is left
        self._ended_at: float | None = None
        self._first: _Process | None = None
        self._program: _Process | None = None
        self._as_pid_1 = as_pid_1
        started = words if as_pid_1 else (*_BEHIND_ANOTHER, *words)
        self._outer = self._run(namespace.starting(started), self._output.fileno())
        self.started_at: Final = time.monotonic()
        self._waiting = threading.Thread(target=self._wait, daemon=True)

    def __enter__(self) -> Self:
        try:
            self._waiting.start()
            self._find()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # PID 1 takes all of its namespace with it; then what started it has nothing left to wait for.
        if self._first is not None:
            self._first.signal(signal.SIGKILL)
        if not self.wait(_GONE if self._first is not None else 0):
            self._outer.kill()
            self._outer.wait()
        for descriptor in {each.descriptor for each in (self._first, self._program) if each is not None}:
            os.close(descriptor)
        self._output.close()

    def _run(self, words: Sequence[str], output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the manifest's command is what a drill runs
            words,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C on the terminal is ours alone
        )

    def _wait(self) -> None:
        self._outer.wait()
        self._ended_at = time.monotonic()

    def _find(self) -> None:
        self._first = self._child_of(self._outer.pid)
        self._program = self._first
        if self._first is not None and not self._as_pid_1:
            self._program = self._child_of(self._first.number)

    def _child_of(self, process: int) -> _Process | None:
        while self.running:
            for child in _children(process):
                with suppress(ProcessLookupError):
                    return _Process(child, os.pidfd_open(child))
            time.sleep(_LOOK)
        return None

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._ended_at is None

    @property
    def ended_at(self) -> float:
        """When it ended, by the monotonic clock; now, where it still runs."""
        return time.monotonic() if self._ended_at is None else self._ended_at

    @property
    def code(self) -> int:
        """Its exit code, as a container runtime counts: 128 and the signal where one ended it."""
        code = self._outer.returncode or 0
        return _SHELLS_COUNT_FROM - code if code < 0 else code

    def signal(self, number: int) -> None:
        """Send it a signal, and nobody else; nothing happens where it is gone."""
        if self._program is not None:
            self._program.signal(number)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; says whether it has."""
        self._waiting.join(max(seconds, 0))
        return not self.running

    def beside(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a program beside it, as probes and hooks do; whoever starts it ends it by its process group."""
        target = self._outer.pid if self._first is None else self._first.number
        return self._run(self._namespace.entering(target, words), subprocess.PIPE)

    def cpu_seconds(self) -> float:
        """What all its processes have computed so far, those that ended included."""
        return sum(map(_ticks, _descendants(self._outer.pid))) / os.sysconf("SC_CLK_TCK")

    def last_output(self) -> tuple[str, ...]:
        """The last lines that it wrote."""
        size = os.fstat(self._output.fileno()).st_size
        start = max(size - _LONGEST_TAIL, 0)
        text = os.pread(self._output.fileno(), _LONGEST_TAIL, start).decode("utf-8", "replace")
        return tuple(text.splitlines()[-_LAST_LINES:])


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that `beside` started, and what it started itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _children(process: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _descendants(process: int) -> Iterator[int]:
    for child in _children(process):
        yield child
        yield from _descendants(child)


def _ticks(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(each) for each in fields[11:15])
