"""What a program costs in CPU seconds of the machine whose numbers are stated."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.exec_cost import cost_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEAREST: Final = 1.5
"""How many times what was seen a floor may be: the noise of a busy machine."""
_YARDSTICK: Final = ("-c", "import urllib.request")
_RUNS: Final = 3


def yardstick() -> float:
    """How many CPU seconds of the machine that is stated one of this machine's is worth just now."""
    cost = cost_of(("python", *_YARDSTICK), {})
    assert cost is not None
    return cost.cpu_seconds / cpu_seconds_of([sys.executable, *_YARDSTICK], runs=_RUNS)


def cpu_seconds_of(argv: Sequence[str], environment: Mapping[str, str] | None = None, *, runs: int) -> float:
    """The least CPU seconds that a command takes here, in an environment or else in ours."""
    return min(_run(argv, environment) for _ in range(runs))


def _run(argv: Sequence[str], environment: Mapping[str, str] | None) -> float:
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(argv, env=environment, stdout=nowhere, stderr=nowhere) as program:
        _, _, usage = os.wait4(program.pid, 0)
        program.returncode = 0
    return usage.ru_utime + usage.ru_stime


def within(said: float | None, seen: float | None, least: float, most: float) -> bool:
    """Whether what is stated lies between so many times what was seen; what is not stated does."""
    return said is None or (seen is not None and least * seen <= said <= most * seen)
