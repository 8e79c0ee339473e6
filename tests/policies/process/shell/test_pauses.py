"""How long a pre-stop hook sleeps for certain."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.shell import Pause, pause_of
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.provenance import Word

    WordsOf = Callable[..., tuple[Word, ...]]


@pytest.mark.parametrize(
    ("line", "seconds", "others"),
    [
        ("sleep 10", 10, []),
        ("/bin/sleep 10s", 10, []),
        ("sleep 1m", 60, []),
        ("sleep 1m 30", 90, []),
        ("sleep .5", 0.5, []),
        ("sleep 2h", 7200, []),
        ("sleep infinity", float("inf"), []),
        ("sh -c 'sleep 5'", 5, []),
        ("/bin/sh -c 'sleep 5 && nginx -s quit'", 5, ["nginx"]),
        ("sh -c 'echo bye; sleep 5; sleep 5; kill -QUIT 1'", 10, []),
        ("sh -c 'sleep ${DELAY:-5}'", 7, []),
        ("sh -c 'sleep ${OTHER:-5}'", 5, []),
        ("bash -ec 'curl -X POST localhost/drain; sleep 20'", 20, ["curl"]),
        ("busybox sh -c 'sleep 3'", 3, []),
        ("sh -c '[ -f /x ] && sleep 5; true'", 0, ["sleep"]),
        ("sh -c 'sleep 5 & true'", 0, ["sleep"]),
        ("sh -c 'while true; do curl x || exit 0; sleep 1; done'", 0, ["curl", "sleep"]),
        ("sh -c '[ -f /x ] || exit 0; sleep 5'", 0, ["sleep"]),
        ("nginx -s quit", 0, ["nginx"]),
        ("python wait.py", 0, ["python"]),
    ],
)
def test_only_certain_sleeps_count(line: str, seconds: float, others: list[str], words_of: WordsOf) -> None:
    """Sleeps in front add up; everything else is named, as its time is unknown."""
    pause = pause_of(words_of(*shlex.split(line)), {"DELAY": Known("7", "env")})
    assert isinstance(pause, Pause)
    assert (seconds, others) == (pause.seconds, sorted(argv[0].text for argv in pause.others))


@pytest.mark.parametrize("line", ["sleep x", "sleep", "sh /pre-stop.sh", "sh -c 'if'"])
def test_what_cannot_be_computed_is_unknown(line: str, words_of: WordsOf) -> None:
    """A hook that is not in sight, or is wrong, tells no time."""
    assert isinstance(pause_of(words_of(*shlex.split(line)), {}), Unknown)
