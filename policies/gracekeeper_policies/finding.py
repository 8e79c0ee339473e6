"""What a rule finds: where, what happens, what it rests on, and the smallest change that mends it.

A remedy is a value; the sentence a person reads and the change a program makes derive from it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.provenance import Certainty

if TYPE_CHECKING:
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.provenance import Sourced
    from gracekeeper_policies.secrecy import Elision


class Severity(enum.IntEnum):
    """How bad a finding is: an outage or a hole, a risk, a remark. Higher is worse."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word used in every report: `error`."""
        return self.name.lower()


class Evidence(Struct, frozen=True):
    """One fact that a finding rests on, and where it was read."""

    fact: str
    value: str
    source: str


class Related(Struct, frozen=True):
    """A second place that takes part in a finding, such as the Service that asks for a port."""

    document: Document
    path: Path
    message: str


_FOLDERS: Final = ("spec", "containers", "initContainers", "ephemeralContainers")


class Set(Struct, frozen=True):
    """Write a value; `path` may lead through mappings that do not exist yet. `because` is the arithmetic or the reason.

    `document` is None for the workload that is judged, else the neighbour to change.
    """

    path: Path
    value: int | str | bool | tuple[str, ...]
    because: str = ""
    document: Document | None = None

    @property
    def text(self) -> str:
        """What to write, as YAML from the container or pod on: `securityContext.runAsNonRoot: true`."""
        return f"{_below_container_or_pod(self.path)}: {_as_yaml(self.value)}"


class Remove(Struct, frozen=True):
    """Take a field away, or an item of a list, which then has a `name`."""

    path: Path
    because: str = ""
    name: str = ""

    @property
    def text(self) -> str:
        """What to take away: `securityContext.privileged`, or its name where it is an item of a list."""
        return self.name or _below_container_or_pod(self.path)


class Argument(Struct, frozen=True):
    """Write an argument of the command line: instead of the word at `path`, or added where `path` is None."""

    text: str
    path: Path | None = None
    because: str = ""


class Advice(Struct, frozen=True):
    """What only a person can change, such as the code or the image; a clause in the imperative."""

    text: str
    because: str = ""


Remedy: TypeAlias = Set | Remove | Argument | Advice


class Finding(Struct, frozen=True):
    """What a rule finds in one place.

    `at` is a path in the document of the workload that is judged; it names the field that decides, whether or not it
    is written there. `message` is in the present tense and carries the numbers; `remedies` are alternatives, the
    smallest change first. `doubt` is empty where the finding is proven, else it says why it may not hold. `severity` is
    None where the rule's own holds, else a lower one.
    """

    at: Path
    message: str
    remedies: tuple[Remedy, ...]
    doubt: str = ""
    severity: Severity | None = None
    evidence: tuple[Evidence, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def certainty(self) -> Certainty:
        """Proven, unless there is a doubt."""
        return Certainty.SUSPECTED if self.doubt else Certainty.PROVEN

    @property
    def remedy(self) -> str:
        """The remedies as one sentence."""
        return "; or ".join(self.clauses)

    @property
    def clauses(self) -> tuple[str, ...]:
        """Each remedy as a clause in the imperative."""
        return tuple(map(clause, self.remedies))


def elided(finding: Finding, elision: Elision) -> Finding:
    """The finding without the secrets that it may quote."""
    if not elision:
        return finding
    return replace(
        finding,
        message=elision(finding.message),
        doubt=elision(finding.doubt),
        remedies=tuple(_elided(remedy, elision) for remedy in finding.remedies),
        evidence=tuple(Evidence(each.fact, elision(each.value), elision(each.source)) for each in finding.evidence),
        related=tuple(replace(each, message=elision(each.message)) for each in finding.related),
    )


def _elided(remedy: Remedy, elision: Elision) -> Remedy:
    remedy = replace(remedy, because=elision(remedy.because))
    if isinstance(remedy, Argument | Advice):
        return replace(remedy, text=elision(remedy.text))
    return remedy


def _below_container_or_pod(path: Path) -> str:
    *way, last = path
    start = max((number for number, step in enumerate(way) if isinstance(step, int) or step in _FOLDERS), default=-1)
    text = ".".join(map(str, way[start + 1 :]))
    return f"{text}[{last}]" if isinstance(last, int) else ".".join(filter(None, (text, last)))


def _as_yaml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def clause(remedy: Remedy) -> str:
    """A remedy in the imperative, with its reason in parentheses: `write runAsNonRoot: true`."""
    verb = "" if isinstance(remedy, Advice) else "remove " if isinstance(remedy, Remove) else "write "
    text = verb + remedy.text
    return f"{text} ({remedy.because})" if remedy.because else text


def evidence_of(fact: str, value: Sourced[object], unit: str = "") -> Evidence:
    """Quote a value with its source; one that is not known quotes its reason."""
    reason = getattr(value, "reason", None)
    if reason is not None:
        return Evidence(fact, "unknown", reason)
    held = getattr(value, "value", None)
    text = "no limit" if held is None else f"{held:.12g}" if isinstance(held, float) else str(held)
    return Evidence(fact, f"{text} {unit}".strip() if held is not None else text, getattr(value, "source", ""))
