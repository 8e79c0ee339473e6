"""What is in force where the cluster itself says nothing: the default policy file, else the built-in policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.errors import ConfigurationError
from gracekeeper.policyfiles.in_force import InForce, PolicyFiles
from gracekeeper.reports.report import misread_problems
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from pathlib import Path


class Standing:
    """The same policies in every namespace."""

    def __init__(self, path: Path | None) -> None:
        """Read the file, if there is one.

        Raises:
            ConfigurationError: the file cannot be read, or has a mistake in it.
        """
        self._held = InForce((STANDARD,)) if path is None else _read(path)

    def in_force(self, _namespace: str) -> InForce:
        """What holds in a namespace."""
        return self._held


def _read(path: Path) -> InForce:
    files = PolicyFiles((str(path),), RULES, "default")
    held = files.in_force(())
    problems = [*held.problems, *misread_problems(held.misread, files.input)]
    if problems:
        raise ConfigurationError(f"the default policy cannot be followed: {'; '.join(map(str, problems))}.")
    return held
