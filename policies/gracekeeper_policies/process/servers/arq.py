"""arq: cancels the jobs that run at SIGTERM and puts them back for another worker."""

from __future__ import annotations

from typing import Final

from gracekeeper_policies.process.server import MemoryFloor, OnTerm, Purpose, Server

SERVER: Final = Server(
    name="arq",
    version="0.28.0",
    purpose=Purpose.TASKS,
    on_term=OnTerm.GIVES_BACK,
    executables=("arq",),
    modules=("arq", "arq.cli"),
    memory={"": MemoryFloor(first_mib=24.5)},
    start_cpu_seconds=0.4,
)
