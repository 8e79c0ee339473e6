"""Which commands of a script stay, which only prepare, and under which condition they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.shell.conduct import Hearing, Place
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.script import read_script
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gracekeeper_policies.process.shell.script import Command, Script

    Read = Callable[..., Script]


def lines(commands: Iterable[Command]) -> list[str]:
    """Commands as one would write them."""
    return [" ".join(word.text for word in command.argv) for command in commands]


@pytest.mark.parametrize(
    ("text", "main", "preparation"),
    [
        ("server", ["server"], []),
        ("migrate && server", ["server"], ["migrate"]),
        ("cd /app; migrate && exec server", ["server"], ["migrate"]),
        (
            "set -e\n# first\npip install x\nsleep 3\nexec server \\\n  --bind :80\n",
            ["server --bind :80"],
            ["pip install x", "sleep 3"],
        ),
        ("server; true", ["server"], []),
        ("server; cleanup", ["server"], []),
        ("python job.py; echo $?", ["python job.py"], []),
        ("python job.py\nexit $?", ["python job.py"], []),
        ("migrate || exit 1; server", ["server"], ["migrate"]),
        ("if ! migrate; then echo no; exit 1; fi\nserver", ["server"], ["migrate"]),
        ("one & server", ["server", "one"], []),
        ("one & two & wait", ["one", "two"], []),
        ("server & other-server & wait -n; exit $?", ["server", "other-server"], []),
        ("one & wait; server", ["server"], ["one"]),
        ("server & sleep 1; warm-up; wait", ["server"], ["sleep 1", "warm-up"]),
        ("one | two", ["one", "two"], []),
        ("server 2>&1 | tee log", ["server", "tee log"], []),
        ("daemon; tail -f /dev/null", ["tail -f /dev/null"], ["daemon"]),
        ("daemon; sleep infinity; never", ["sleep infinity"], ["daemon"]),
        ("until nc -z db 1; do sleep 2; done; exec server", ["server"], ["nc -z db 1", "sleep 2"]),
        ("while true; do job; sleep 60; done", ["job"], ["sleep 60"]),
        ("while true; do sleep 60; done; never", ["sleep 60"], []),
        ("while :; do job && break; sleep 1; done; server", ["server"], ["job", "sleep 1"]),
        ("server & while true; do sleep 5; done", ["server"], ["sleep 5"]),
        ("for x in a b; do prepare; done; server", ["server"], ["prepare"]),
        ("f() { prepare; exec server; }\nf; never", ["server"], ["prepare"]),
        ("f() { prepare; return; never; }; f; server", ["server"], ["prepare"]),
        ("python - <<'EOF'\nprint(1)\nEOF\nserver", ["server"], ["python"]),
        ("exec > >(tee log) 2>&1; server", ["server"], []),
        ("exec 2>&1 server", ["server"], []),
        ("command -v server; command server", ["server"], []),
        ("sh -c 'server'", ["sh -c server"], []),
        ("true && [ a ] && echo done", [], []),
        ("", [], []),
        ("# nothing but words", [], []),
        ("(cd /; prepare) && server", ["server"], ["prepare"]),
        ("{ prepare; server; }", ["server"], ["prepare"]),
        ("exit 0; server", [], []),
        ("gen3 | jq . > x\nserver", ["server"], ["gen3", "jq ."]),
    ],
)
def test_a_script_is_divided(text: str, main: list[str], preparation: list[str], read: Read) -> None:
    """What runs last and longest is main; what ends before it is preparation; what is never reached is neither."""
    script = read(text)
    assert (main, preparation) == (lines(script.main), lines(script.preparation))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if [ "$ROLE" = worker ]; then exec worker; else exec server; fi', ["worker"]),
        ('if [ "$ROLE" = web ]; then exec server; elif [ $ROLE = worker ]; then exec worker; fi', ["worker"]),
        ("if [[ $ROLE == worker ]]; then exec worker; fi; exec server", ["worker"]),
        ('if test "$ROLE" != worker; then exec server; fi; exec worker', ["worker"]),
        ('case "$ROLE" in web) exec server ;; worker|beat) exec worker ;; *) exec other ;; esac', ["worker"]),
        ("case $ROLE in w*r) exec worker;; *) exec server;; esac", ["worker"]),
        ('[ -n "$ROLE" ] && exec worker; exec server', ["worker"]),
        ('[ -z "$ROLE" ] && exec server; exec worker', ["worker"]),
        ("false && exec server; exec worker", ["worker"]),
        ("true || exec server; exec worker", ["worker"]),
        ("! true && exec server; exec worker", ["worker"]),
        ("case x$ROLE in y) exec server;; esac; exec worker", ["worker"]),
    ],
)
def test_a_condition_on_the_environment_is_decided(text: str, expected: list[str], read: Read) -> None:
    """Where the manifest tells which branch runs, the other one is not reported, and nothing is conditional."""
    script = read(text, env={"ROLE": "worker"})
    assert expected == lines(script.main)
    assert not script.main[0].conditional


@pytest.mark.parametrize(
    "text",
    [
        'if [ "$ROLE" = worker ]; then exec worker; else exec server; fi',
        "case $ROLE in worker) exec worker;; web) exec server;; esac",
        "[ -f /worker ] && exec worker; exec server",
        "tool check || exec worker; exec server",
        "if tool; then worker; else server; fi",
    ],
)
def test_a_branch_that_may_not_be_taken_is_conditional(text: str, read: Read) -> None:
    """Both branches are main, and each says that it may not run."""
    script = read(text)
    assert sorted(lines(command for command in script.main if command.argv[0].text != "tool")) == ["server", "worker"]
    assert all(command.conditional for command in script.main if command.argv[0].text == "worker")


@pytest.mark.parametrize("text", ["migrate && server", "cd /app && server", "migrate || exit 1; server"])
def test_a_step_that_is_expected_to_succeed_makes_nothing_conditional(text: str, read: Read) -> None:
    """`migrate && serve` serves."""
    assert [command.conditional for command in read(text).main] == [False]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("exec server", Place.EXEC),
        ("server", Place.LAST),
        ("server; true", Place.CHILD),
        ("server | tee", Place.PIPELINE),
        ("server & wait", Place.BACKGROUND),
        ("(server)", Place.SUBSHELL),
    ],
)
def test_a_command_says_how_the_shell_runs_it(text: str, place: Place, read: Read) -> None:
    """In bash, as its reason then explains."""
    command = read(text).main[0]
    assert place is command.place
    assert command.reason


def test_the_directory_is_the_last_cd(read: Read) -> None:
    """It is where a server looks for its configuration file."""
    directory = read("cd /app && server").main[0].directory
    assert directory is not None
    assert directory.text == "/app"
    assert read("server").main[0].directory is None


def test_a_trap_that_calls_on_others_is_doubted(read: Read) -> None:
    """What `pkill` hits is not in sight: that the server hears is presumed only."""
    command = read("trap 'pkill server; wait' TERM; server & wait").main[0]
    assert Hearing.FORWARDED is command.at_term
    assert command.doubt


def test_a_signal_that_background_commands_ignore_is_doubted(read: Read) -> None:
    """A shell starts what runs in the background with INT ignored."""
    command = read("trap 'kill -INT $!; wait' TERM; server & wait").main[0]
    assert (command.signal, bool(command.doubt)) == ("INT", True)


def test_a_trap_waits_for_the_command_in_front(read: Read) -> None:
    """Between two short sleeps the shell looks at its traps."""
    command = read("trap 'kill $!; wait; exit' TERM; server & while :; do sleep 5; done").main[0]
    assert (command.at_term, command.delay_seconds, command.lingers) == (Hearing.FORWARDED, 5, False)


@pytest.mark.parametrize(
    ("text", "line"),
    [("if true; then", 1), ("echo a\nfoo )\n", 2), ("echo 'a", 1), ("a\n\ndone\n", 3), ('echo "$(', 1)],
)
def test_what_is_not_valid_shell_is_said_with_its_line(text: str, line: int) -> None:
    """The line counts within the script."""
    script = read_script(Word(text), Shell.BASH, environment={}, is_server=lambda _argv: False)
    assert isinstance(script, Unknown)
    assert script.reason.startswith("the script is not valid shell: line ")
    assert script.reason.endswith(f" {line}")


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("exec server > >(tee log)", Shell.DASH),
        ("cat <<< x; server", Shell.DASH),
        ("cat <<< x; server", Shell.ASH),
        ("a=(1 2); server", Shell.ASH),
        ("function f { server; }; f", Shell.DASH),
        ("[[ a ]] && server", Shell.DASH),
        ("source venv/bin/activate && server", Shell.DASH),
        ("set -euo pipefail\nexec server", Shell.DASH),
    ],
)
def test_what_a_shell_does_not_know_is_said(text: str, shell: Shell, read: Read) -> None:
    """Bash runs it; on the other shell the script fails, so that nothing is claimed about it."""
    script = read_script(Word(text), shell, environment={}, is_server=lambda _argv: True)
    assert isinstance(script, Unknown)
    assert shell.value in script.reason
    assert read(text, Shell.BASH).main
