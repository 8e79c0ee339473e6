"""Which rules apply, how hard, and to what."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper_policies.finding import Severity
from gracekeeper_policies.provenance import Certainty
from gracekeeper_policies.selection import EVERYTHING, Match

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.document import Path


class Profile(enum.IntEnum):
    """How much is asked: what is broken, what production needs, hardening. Each holds the ones before it."""

    BASELINE = 1
    STANDARD = 2
    STRICT = 3

    @property
    def label(self) -> str:
        """The word used in policies and on the command line: `standard`."""
        return self.name.lower()


class Mode(enum.Enum):
    """What a finding does: deny, warn, only be reported, or not be looked for."""

    ENFORCE = "enforce"
    WARN = "warn"
    AUDIT = "audit"
    OFF = "off"


class Scope(enum.Enum):
    """Which workloads a policy judges."""

    PYTHON = "python"
    PYTHON_OR_UNKNOWN = "python-or-unknown"
    ALL = "all"


class Updates(enum.Enum):
    """What an update of an object is denied for: what it adds, or all that the object then has."""

    RATCHET = "ratchet"
    ENFORCE = "enforce"


class PodTemplate(Struct, frozen=True):
    """A further kind that runs pods, and where its pod template stands."""

    group: str
    kind: str
    path: Path


class GracePolicy(Struct, frozen=True):
    """A policy: the rules of its profile and those that it names, in its mode, for the workloads that it means.

    `parameters` holds, by rule id, a value of that rule's own parameters type; `modes` holds the rules that are named,
    None where the policy's own mode is theirs. Nobody can be exempt from `unexemptible` rules.
    """

    name: str = "standard"
    profile: Profile = Profile.STANDARD
    mode: Mode = Mode.ENFORCE
    scope: Scope = Scope.PYTHON_OR_UNKNOWN
    parameters: Mapping[str, object] = field(default_factory=dict)
    allow_annotation_exemptions: bool = True
    modes: Mapping[str, Mode | None] = field(default_factory=dict)
    unexemptible: frozenset[str] = frozenset()
    match: Match = EVERYTHING
    updates: Updates = Updates.RATCHET
    allow_namespace_mode: bool = False
    pod_templates: tuple[PodTemplate, ...] = ()

    def mode_of(self, rule: str, profile: Profile, mode: Mode) -> Mode:
        """How hard a rule is applied; `profile` is the lowest that has it, `mode` what holds where it has no own.

        A rule that is named applies whatever the profile.
        """
        if rule in self.modes:
            return self.modes[rule] or mode
        return mode if rule in self.parameters or profile <= self.profile else Mode.OFF


STANDARD: Final = GracePolicy()
"""What holds where nobody wrote a policy."""

_CEILING: Final = {Mode.ENFORCE: Severity.ERROR, Mode.WARN: Severity.WARNING, Mode.AUDIT: Severity.NOTE}


def effective_severity(severity: Severity, certainty: Certainty, mode: Mode) -> Severity:
    """What a finding weighs: never more than a warning on a suspicion, never more than its mode lets it."""
    suspicion = Severity.WARNING if certainty is Certainty.SUSPECTED else Severity.ERROR
    return min(severity, suspicion, _CEILING.get(mode, Severity.NOTE))
