"""A Redis of a test's own, on a Unix socket: the broker of the workers."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final, Self

import pytest

from tests.cluster.daemon import Daemon

if TYPE_CHECKING:
    from pathlib import Path

_LENGTHS: Final = {"list": "LLEN", "zset": "ZCARD", "hash": "HLEN", "stream": "XLEN"}


class Broker:
    """It holds the tasks that nobody has taken, and forgets all of them when it is left."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs before it is entered."""
        self._folder = folder
        self.socket: Final = folder / "redis.sock"

    def __enter__(self) -> Self:
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is missing; the package redis-server would provide it")
        options = {"--port": "0", "--unixsocket": str(self.socket), "--save": "", "--dir": str(self._folder)}
        words = [word for option in options.items() for word in option]
        self._daemon = Daemon("redis-server", ["redis-server", *words], self._folder / "redis.log")
        self._daemon.ready(lambda: self._ask("PING") == "PONG", 30)
        return self

    def __exit__(self, *_: object) -> None:
        self._daemon.kill()

    def holds(self, key: str) -> int:
        """How many things lie under a key."""
        kind = self._ask("TYPE", key)
        return 0 if kind == "none" else int(self._ask(_LENGTHS[kind], key))

    def _ask(self, *words: str) -> str:
        command = ["redis-cli", "-s", str(self.socket), *words]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
