"""A plain Python program: whether it handles SIGTERM is decided by code that no manifest shows."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import OnTerm, Purpose, Server

SERVER: Final = Server(
    name="python",
    version="3.11.7",
    purpose=Purpose.PROGRAM,
    on_term=OnTerm.UNKNOWN,
    executables=("python", "python3", "pypy", "pypy3"),
)
