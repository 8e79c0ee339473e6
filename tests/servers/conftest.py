"""What the proofs share: measured is held against stated, and all of it is printed as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.contained import Contained
    from tests.servers.proof import Course, Proof

    Compare = Callable[[Proof, Contained, Course], None]

LATE: Final = 5.0
"""Seconds by which an exit may come later than stated, on a machine with other work to do."""
EARLY: Final = 0.3
"""Seconds by which it may come earlier: timers are not exact."""
_FACT: Final = "fact"


@pytest.fixture
def compare(record_property: Callable[[str, object], None]) -> Compare:
    """Notes what was stated and measured, then holds one against the other."""

    def _compare(proof: Proof, contained: Contained, measured: Course) -> None:
        stated = proof.predicted()
        record_property(_FACT, [proof.owner, proof.id, str(stated), str(measured)])
        assert differences(stated, measured) == [], contained.obituary("did otherwise")

    return _compare


def differences(stated: Course, measured: Course) -> list[str]:
    """What was measured and is not as stated, within the tolerance."""
    pairs = {
        "in flight": (stated.fate.value, measured.fate.value),
        "new connections": (stated.connections, measured.connections),
        "exit code": (stated.code, measured.code),
    }
    found = [f"{what}: stated {told}, measured {seen}" for what, (told, seen) in pairs.items() if told != seen]
    if not _in_time(stated.exits, measured.exits):
        found.append(f"stated that it {stated.end}, measured that it {measured.end}")
    return found


def _in_time(stated: float | None, measured: float | None) -> bool:
    if stated is None or measured is None:
        return stated is measured
    return stated - EARLY <= measured <= stated + LATE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every fact, stated and measured."""
    facts = sorted(_facts(terminalreporter))
    if not facts:
        return
    terminalreporter.section(f"{len(facts)} facts, stated (=) and measured (≈)")
    owner = ""
    for fact in facts:
        if fact[0] != owner:
            owner = fact[0]
            terminalreporter.line(f"\n{owner}", bold=True)
        _, situation, stated, measured, verdict = fact
        terminalreporter.line(f"  {situation}\n    = {stated}\n    ≈ {measured}{verdict}")


def _facts(terminalreporter: pytest.TerminalReporter) -> Iterator[list[str]]:
    for kind, verdict in (("passed", ""), ("rerun", "   DIFFERED, and was tried again"), ("failed", "   DIFFERS")):
        for report in terminalreporter.getreports(kind):
            facts = [fact for name, fact in report.user_properties if name == _FACT]
            yield from ([*fact, verdict] for fact in facts[-1:])  # what was tried again brings along the earlier ones
