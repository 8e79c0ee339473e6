"""A program that runs until it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

TAIL: Final = 40
"""Lines of a log that an error shows."""


class DaemonError(Exception):
    """A program that did not start, or stopped by itself."""


class Daemon:
    """A program in the background, with its log in a file.

    It does not outlive us, even where we are killed: Linux kills it then.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it: `log` is appended to; without an environment it gets ours."""
        self.name: Final = name
        self.log: Final = log
        bound = [] if shutil.which("setpriv") is None else ["setpriv", "--pdeathsig", "KILL", "--"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*bound, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(os.environ if environment is None else environment),
                start_new_session=True,
            )

    def __repr__(self) -> str:
        return f"<{self.name}, process {self.process.pid}>"

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def ready(self, question: Callable[[], bool], seconds: float) -> Self:
        """Wait until the question is answered with yes; if that does not happen, stop the program.

        Raises:
            DaemonError: with the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not (self.running and question()):
            if not self.running or time.monotonic() > deadline:
                raise DaemonError(self._obituary(seconds))
            time.sleep(0.05)
        return self

    def _obituary(self, seconds: float) -> str:
        ended = None if self.running else self.process.returncode
        self.stop(grace=0)
        what = f"is not ready after {seconds} s" if ended is None else f"ended with status {ended}"
        lines = self.log.read_text("utf-8", "replace").splitlines()[-TAIL:]
        return "\n".join([f"{self.name} {what}. The end of {self.log}:", *lines])

    def stop(self, grace: float = 20) -> None:
        """Ask it to end, and kill it after the grace, in seconds; does nothing if it ended already."""
        if self.running:
            self.process.terminate()
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it and whatever it started, at once."""
        if self.running:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
