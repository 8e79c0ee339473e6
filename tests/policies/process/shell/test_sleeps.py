"""How long a script, such as a pre-stop hook's, sleeps for certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.shell.durations import sleep_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.shell.script import Script
    from gracekeeper_policies.provenance import Word

    Read = Callable[..., Script]
    WordsOf = Callable[..., tuple[Word, ...]]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("sleep 10", 10),
        ("/bin/sleep 10s", 10),
        ("sleep 1m", 60),
        ("sleep 1m 30", 90),
        ("sleep .5", 0.5),
        ("sleep 2h", 7200),
        ("sleep infinity", float("inf")),
        ("sleep x", None),
        ("sleep 1e3", None),
        ("sleep", None),
        ("nginx -s quit", None),
    ],
)
def test_sleep_adds_up_its_arguments(line: str, seconds: float | None, words_of: WordsOf) -> None:
    """Units are s, m, h and d; what is no sleep, or a wrong one, tells no time."""
    assert seconds == sleep_of(words_of(*line.split()))


@pytest.mark.parametrize(
    ("text", "seconds", "others"),
    [
        ("sleep 5", 5, []),
        ("sleep 5 && nginx -s quit", 5, ["nginx"]),
        ("echo bye; sleep 5; sleep 5; kill -QUIT 1", 10, []),
        ("sleep ${DELAY:-5}", 7, []),
        ("sleep ${OTHER:-5}", 5, []),
        ("curl -X POST localhost/drain; sleep 20", 20, ["curl"]),
        ("[ -f /x ] && sleep 5; true", 0, ["sleep"]),
        ("sleep 5 & true", 0, ["sleep"]),
        ("while true; do curl x || exit 0; sleep 1; done", 0, ["curl", "sleep"]),
        ("[ -f /x ] || exit 0; sleep 5", 0, ["sleep"]),
        ("sleep $(delay)", 0, ["sleep"]),
    ],
)
def test_only_certain_sleeps_of_a_script_count(text: str, seconds: float, others: list[str], read: Read) -> None:
    """Sleeps in front add up; every other command is named, as its time is unknown."""
    script = read(text, env={"DELAY": "7"})
    assert (seconds, others) == (script.slept_seconds, sorted(command.argv[0].text for command in script.others))
