"""What a rule is: one module whose name is the fault, with a page, a card, a check, and examples that prove it.

Everything that reports, documents and tests a rule derives from its module, so nothing is written twice.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from msgspec import Struct

from gracekeeper_policies.once import once

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gracekeeper_policies.finding import Finding, Severity
    from gracekeeper_policies.policy import Profile


class Drawing(enum.Enum):
    """The part of a timeline that shows what a rule means."""

    SHUTDOWN = "shutdown"
    START = "start"


class Subject(enum.Enum):
    """What a rule judges: the altitude of its question, told by the type of its check's first parameter."""

    WORKLOAD = "Workload"
    POD = "PodProcesses"
    CONTAINER = "Container"
    PROCESS = "PythonProcess"
    TIMELINE = "Timeline"
    EXCEPTION = "AppliedException"


class Card(Struct, frozen=True):
    """A rule's standing: its highest severity, the lowest profile that has it, since which release, what to read on."""

    severity: Severity
    profile: Profile
    since: str
    see: tuple[str, ...] = ()
    drawing: Drawing | None = None


def parameter(default: T, unit: str, meaning: str) -> T:
    """Declare a field of a rule's Parameters: its default, its unit (empty for a bare number) and what it means."""
    declared: T = dataclasses.field(default=default, metadata={"unit": unit, "meaning": meaning})
    return declared


class RuleModule(Protocol):
    """The parts a rule's module must have; `check` takes its subject and, if the rule has any, its Parameters."""

    __name__: str
    __doc__: str | None
    CARD: Card
    BAD: Mapping[str, str]
    GOOD: Mapping[str, str]

    @property
    def check(self) -> Callable[..., Iterator[Finding]]:
        """Yield what is found."""


class Section(Struct, frozen=True):
    """One part of a rule's page."""

    heading: str
    text: str


HEADINGS: Final = ("What it does", "Why it matters", "What to do")


class Rule(Struct, frozen=True, eq=False, dict=True):
    """A rule, read out of its module."""

    module: RuleModule

    @once
    def id(self) -> str:
        """The file's name with dashes: `grace-period-too-short`."""
        return self.module.__name__.rpartition(".")[2].replace("_", "-")

    @once
    def concern(self) -> str:
        """The folder the rule lives in: `shutdown`."""
        return self.module.__name__.split(".")[-2]

    @property
    def card(self) -> Card:
        """The rule's standing."""
        return self.module.CARD

    @property
    def title(self) -> str:
        """The fault in one sentence."""
        return (inspect.cleandoc(self.module.__doc__ or "").splitlines() or [""])[0]

    @once
    def sections(self) -> tuple[Section, ...]:
        """The page's sections, in the order of `HEADINGS`."""
        parts = inspect.cleandoc(self.module.__doc__ or "").split("\n## ")[1:]
        return tuple(
            Section(heading.strip(), text.strip()) for heading, _, text in (part.partition("\n") for part in parts)
        )

    @once
    def subject(self) -> Subject:
        """What the rule judges."""
        first = next(iter(self.module.check.__annotations__.values()))
        return Subject(str(first).rpartition(".")[2])

    @once
    def parameters(self) -> type[Any] | None:
        """The dataclass of the rule's parameters; None where it has none."""
        return getattr(self.module, "Parameters", None)

    @property
    def example_parameters(self) -> object | None:
        """The parameters under which the rule's examples hold; None where these are the defaults."""
        return getattr(self.module, "EXAMPLE_PARAMETERS", None)

    def check(self, subject: object, parameters: object | None = None) -> Iterator[Finding]:
        """Judge a subject, with the given parameters or their defaults."""
        return self.check_with(parameters)(subject)

    def check_with(self, parameters: object | None = None) -> Callable[[object], Iterator[Finding]]:
        """The check of any subject, with the given parameters or their defaults."""
        if self.parameters is None:
            return self.module.check
        chosen, check = parameters or self.parameters(), self.module.check
        return lambda subject: check(subject, chosen)
