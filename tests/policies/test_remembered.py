"""What was worked out before is kept, until somebody needs its memory."""

from __future__ import annotations

from gracekeeper_policies.process.recollection import Recollection
from gracekeeper_policies.remembered import forget, remembered


def test_what_was_worked_out_is_kept_until_it_is_forgotten() -> None:
    """Whoever asks again gets the same answer, and afterwards one that is worked out anew."""
    asked: list[str] = []

    @remembered(2)
    def shout(word: str) -> str:
        asked.append(word)
        return word.upper()

    assert ("A", "A", ["a"]) == (shout("a"), shout("a"), asked)
    forget()
    assert ("A", ["a", "a"]) == (shout("a"), asked)


def test_command_lines_are_forgotten_too() -> None:
    """A script may be as large as a workload."""
    recollection, worked = Recollection[None](), list[object]()
    for _ in range(2):
        recollection.of("sh", {}, worked.append)
    forget()
    recollection.of("sh", {}, worked.append)
    assert 2 == len(worked)
