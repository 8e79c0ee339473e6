"""Programs that start several others and stay in front of them: supervisord and honcho, as their files say.

supervisord 4.3.0 stops its programs one after the other, the highest priority and the last name first, and kills each
that takes longer than its `stopwaitsecs`. honcho 2.0.0 stops all at once, and kills the others five seconds after the
first has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from gracekeeper_policies.process.wrappers import executable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.sight import Sight
    from gracekeeper_policies.process.wrappers import Passing
    from gracekeeper_policies.provenance import Unknown, Word


class Supervised(Struct, frozen=True):
    """One program of several: its command line, and how it is stopped.

    `turn` says when: those with the lowest number first, equal ones together. `signal` is what it is sent, empty for
    the one that arrives, `apart` says how to keep it from the processes that it starts where they are sent it as well,
    `kills_after` how many seconds later it is killed, and `limit` which setting says so. The text
    that names it stands in `origin`; `doubt` says why the container may have another one.
    """

    name: str
    words: tuple[Word, ...]
    passing: Passing
    origin: str
    turn: int = 0
    signal: str = ""
    kills_after: float | None = None
    limit: str = ""
    assignments: Mapping[str, Word] = field(default_factory=dict)
    directory: Word | None = None
    apart: str = ""
    doubt: str = ""


def supervised_by(words: tuple[Word, ...], sight: Sight, folder: str) -> tuple[Supervised, ...] | Unknown | None:
    """What a command line starts if it is one of a supervisor whose file is in sight; Unknown where nothing stays."""
    name = executable(words[0]) if words and sight.files else ""
    if name == "supervisord":
        from gracekeeper_policies.process.supervisord import programs  # noqa: PLC0415 - few containers have one

        return programs(words, sight, folder)
    if name == "honcho":
        from gracekeeper_policies.process.procfile import processes  # noqa: PLC0415

        return processes(words, sight, folder)
    return None
