"""Whether this replica can judge: named checks, each of which says what is amiss."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias

Check: TypeAlias = Callable[[], str | Awaitable[str | None] | None]
"""Says in a sentence what is amiss, or None. An asynchronous one bounds its own time."""


class Health:
    """The checks behind `/readyz`; parts of the operator register theirs when they are made."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self.draining = False

    def register(self, name: str, check: Check) -> None:
        """Ask `check` each time somebody asks whether we are ready."""
        self._checks[name] = check

    async def amiss(self) -> dict[str, str | None]:
        """What is amiss, by the checks' names; None where all is well. While draining, nothing else is asked."""
        if self.draining:
            return {"draining": "this replica is being stopped and takes no new work"}
        return {name: await _asked(check) for name, check in self._checks.items()}


async def _asked(check: Check) -> str | None:
    try:
        answer = check()
        return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:  # noqa: BLE001 - a check that fails is amiss, and the others still count
        return f"the check itself failed ({type(error).__name__})"
