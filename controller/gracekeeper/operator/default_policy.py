"""What holds while the cluster has no GracePolicy: a mounted policy file, else the built-in policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.policies import InForce
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.policyfiles.models import GraceRepository
from gracekeeper.reports.report import misread_problems
from gracekeeper_policies.policy import STANDARD, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gracekeeper_policies.rule import Rule

BUILT_IN: Final = InForce((replace(STANDARD, mode=Mode.WARN),))
"""What holds where nobody wrote a policy at all: who has asked for nothing is denied nothing."""


def default_policy(path: Path | None, rules: Sequence[Rule]) -> InForce:
    """Read it, once, where the operator starts.

    Raises:
        ConfigurationError: the file cannot be followed; all that is wrong with it is told.
    """
    if path is None:
        return BUILT_IN
    files = PolicyFiles([str(path)], rules, "default")
    said = files.in_force(())
    wrong = [*map(str, (*said.problems, *misread_problems(said.misread, files.input))), *_strangers(files)]
    if wrong:
        raise ConfigurationError(f"the default policy cannot be followed: {'; '.join(wrong)}.")
    return InForce(said.policies, said.exceptions)


def _strangers(files: PolicyFiles) -> Iterator[str]:
    for document in files.input.documents:
        if document.kind == GraceRepository.__name__:
            yield f"{document.origin} holds a {document.kind}, which has no meaning in a cluster"
