"""The policies that hold while the cluster has no GracePolicy: those of a mounted file, else the built-in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper.errors import ConfigurationError
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.reports.report import misread_problems
from gracekeeper_policies.policy import STANDARD, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.rule import Rule

BUILT_IN: Final = replace(STANDARD, mode=Mode.WARN)
"""What holds where nobody wrote a policy at all: who has asked for nothing is denied nothing."""

_KIND: Final = "GracePolicy"


def default_policies(path: Path | None, rules: Sequence[Rule]) -> tuple[GracePolicy, ...]:
    """Read them, once, where the operator starts.

    Raises:
        ConfigurationError: the file cannot be read, or holds something else; all of that is told.
    """
    if path is None:
        return (BUILT_IN,)
    files = PolicyFiles([str(path)], rules, "")
    wrong = list(_wrong(files))
    if wrong:
        raise ConfigurationError(f"The default policy cannot be read: {'; '.join(wrong)}.")
    return files.in_force(()).policies


def _wrong(files: PolicyFiles) -> Iterator[str]:
    said = files.in_force(())
    yield from map(str, (*said.problems, *misread_problems(said.misread, files.input)))
    for document in files.input.documents:
        if document.kind != _KIND:
            yield f"{document.origin} holds a {document.kind}; a default is made of GracePolicies alone"
