"""What a process takes, as Linux counts it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_MODES: Final = slice(11, 13)
"""User and system time in `/proc/PID/stat`, counted from behind the program's name, which may hold anything."""


def cpu_seconds(pid: int) -> float:
    """Processor time of a process with all its threads, since it began."""
    numbers = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, numbers[_MODES])) / _TICKS


def memory_mib(pid: int, *, most: bool = False) -> float:
    """The resident memory of a process: now, or the most that it ever was."""
    field = "VmHWM:" if most else "VmRSS:"
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
