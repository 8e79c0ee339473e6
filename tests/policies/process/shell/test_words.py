"""What a script's words become, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.script import read_script
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.shell.script import Script

    Read = Callable[..., Script]

ENVIRONMENT = {"PORT": "80", "ARGS": "-w 2 --bind :80", "EMPTY": "", "PADDED": " a b ", "HOME": "/root"}


def arguments(script: Script) -> list[str]:
    """The words behind the last command's name."""
    return [word.text for word in script.main[-1].argv[1:]]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain", ["plain"]),
        ("'a b'", ["a b"]),
        ('"a b"', ["a b"]),
        (r"a\ b", ["a b"]),
        (r"'\n' \\ \'", [r"\n", "\\", "'"]),
        (r'"\$PORT \"x\" \n"', [r'$PORT "x" \n']),
        ('"two\nlines"', ["two\nlines"]),
        ("a'b'\"c\"d", ["abcd"]),
        ("$'a\\tb'", ["a\tb"]),
        ("$PORT", ["80"]),
        ("${PORT}", ["80"]),
        (":$PORT", [":80"]),
        ("--bind=0.0.0.0:${PORT}", ["--bind=0.0.0.0:80"]),
        ('"$PORT$PORT"', ["8080"]),
        ("'$PORT'", ["$PORT"]),
        ("$ARGS", ["-w", "2", "--bind", ":80"]),
        ('"$ARGS"', ["-w 2 --bind :80"]),
        ("x$ARGS", ["x-w", "2", "--bind", ":80"]),
        ("${ARGS}y", ["-w", "2", "--bind", ":80y"]),
        ("$PADDED", ["a", "b"]),
        ("x${PADDED}y", ["x", "a", "b", "y"]),
        ("$EMPTY", []),
        ('"$EMPTY" ""', ["", ""]),
        ("${PORT:-8000}", ["80"]),
        ("${EMPTY:-8000}", ["8000"]),
        ("${EMPTY-8000}", []),
        ("${UNSET:-8000}", ["8000"]),
        ("${UNSET-8000}", ["8000"]),
        ("${UNSET:=8000}", ["8000"]),
        ("${UNSET:--w 2 --bind :80}", ["-w", "2", "--bind", ":80"]),
        ('"${UNSET:--w 2}"', ["-w 2"]),
        ('${UNSET:-"a b"}', ["a b"]),
        ("${UNSET:-$PORT}", ["80"]),
        ("${UNSET:-}", []),
        ("${PORT:+--port} ${UNSET:+--port}", ["--port"]),
        ("~/x ~", ["/root/x", "/root"]),
        ("'~'", ["~"]),
        ("$((8))", ["8"]),
        ("${PORT%0} ${PORT#8}", ["8", "0"]),
        ("$#", ["0"]),
        ("--forwarded-allow-ips=*", ["--forwarded-allow-ips=*"]),
        ("[::]:8000", ["[::]:8000"]),
        ("a{b,c}d", ["abd", "acd"]),
        ("{} x{1}", ["{}", "x{1}"]),
        ("a \\\n b", ["a", "b"]),
        ("é☃😀", ["é☃😀"]),
    ],
)
def test_a_word_is_expanded_as_the_shell_does(written: str, expected: list[str], read: Read) -> None:
    """Quotes, escapes, variables, defaults, splitting and braces come out as in a real shell."""
    script = read(f"server {written}", env=ENVIRONMENT)
    assert expected == arguments(script)
    assert not any(word.unknown for word in script.main[0].argv)


@pytest.mark.parametrize(
    "written",
    [
        "$UNSET",
        '"$UNSET"',
        "--bind=:$UNSET",
        "$(nproc)",
        "`nproc`",
        '"$(nproc)"',
        "$((2 * $(nproc) + 1))",
        "*",
        "*.conf",
        "$?",
        "$$",
        "${PORT%[0-9]}",
        "${#PORT}",
        "${!PORT}",
        "${UNSET:?is missing}",
        "${A[0]}",
    ],
)
def test_what_cannot_be_told_stays_as_it_is_written(written: str, read: Read) -> None:
    """Such a word keeps its text and says why it is not known."""
    word = read(f"server {written}", env=ENVIRONMENT).main[0].argv[1]
    assert written.strip('"') == word.text
    assert word.unknown


def test_a_variable_that_the_manifest_leaves_open_is_unknown_for_its_reason() -> None:
    """The reason is the environment's own."""
    script = read_script(
        Word("server $SECRET"),
        Shell.BASH,
        environment={"SECRET": Unknown("SECRET stands in a Secret")},
        is_server=lambda _argv: True,
    )
    assert not isinstance(script, Unknown)
    assert script.main[0].argv[1].unknown == "SECRET stands in a Secret"


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("8000", "args[0]"),
        ("$PORT", "args[0] ($PORT from env PORT)"),
        ("${UNSET:-8000}", "args[0] (the default in ${UNSET:-8000}, as nothing in sight sets UNSET)"),
    ],
)
def test_a_word_says_where_it_came_from(written: str, source: str, read: Read) -> None:
    """The script's place, the variables it used, and that a default was presumed."""
    word = read(f"server {written}", env=ENVIRONMENT).main[0].argv[1]
    assert (source, ("args", 0)) == (word.source, word.path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P=9; server $P", ["9"]),
        ("P=9\nP=1$P\nserver $P", ["19"]),
        ("P=9; P+=1; server $P", ["91"]),
        ("export P=9 && server $P", ["9"]),
        ("export P=a Q=b; server $P $Q", ["a", "b"]),
        (": ${P:=9}; server $P", ["9"]),
        ("P=9; unset P; server x$P", ["x"]),
        ("P=9 true; server ${P:-none}", ["none"]),
        ("(P=9); server ${P:-none}", ["none"]),
        ("f() { P=9; }; f; server $P", ["9"]),
        ("f() { server $1 $2; }; f a b", ["a", "b"]),
        ("set -- a b; server $2 $1", ["b", "a"]),
        ("set -- a b; shift; server $@", ["b"]),
        ("P='a b'; server $P \"$P\"", ["a", "b", "a b"]),
        ("for P in one; do server $P; done", ["one"]),
        ("eval 'server a b'", ["a", "b"]),
    ],
)
def test_earlier_lines_of_the_script_count(text: str, expected: list[str], read: Read) -> None:
    """Assignments, functions and positional words set before hold afterwards."""
    assert expected == arguments(read(text))


@pytest.mark.parametrize(
    "text",
    [
        "P=$(cat /port); server $P",
        ". /vault/env; server ${PORT:-8000}",
        "read P; server $P",
        'eval "$(tool env)"; server $PORT',
        "if tool; then P=1; else P=2; fi; server $P",
        "for P in a b; do server $P; done",
    ],
)
def test_what_other_programs_set_is_unknown(text: str, read: Read) -> None:
    """Neither a default nor the environment is trusted once something out of sight may have set the variable."""
    assert read(text, env={"PORT": "80"}).main[0].argv[1].unknown


def test_a_virtual_environments_activate_sets_no_options(read: Read) -> None:
    """It is the most common file to be sourced, and only sets paths."""
    assert arguments(read(". venv/bin/activate && server ${PORT:-8000}")) == ["8000"]


def test_positional_words_keep_their_own_place(read: Read, words_of: Callable[..., tuple[Word, ...]]) -> None:
    """`"$@"` hands on the manifest's own words; without any, nothing runs."""
    script = read('exec "$@"', positional=words_of("sh", "server", "a b"))
    assert [word.text for word in script.main[0].argv] == ["server", "a b"]
    assert script.main[0].argv[1].path == ("args", 2)
    assert read('exec "$@"').main == ()


def test_a_word_of_a_script_that_is_not_wholly_known_is_doubted() -> None:
    """A script with an unknown part stays unknown in its words."""
    script = read_script(
        Word("server $(X)", unknown="X is set nowhere"), Shell.BASH, environment={}, is_server=lambda _argv: True
    )
    assert not isinstance(script, Unknown)
    assert all(word.unknown for word in script.main[0].argv)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1 server", {"A": "1"}),
        ("export A=1; server", {"A": "1"}),
        ("A=1; export A; server", {"A": "1"}),
        ("A=1; server", {}),
        ("set -a; A=1; server", {"A": "1"}),
        ("declare -x A=1; server", {"A": "1"}),
        ("X=2; server", {"X": "2"}),
        ("export A=1; A=2 server", {"A": "2"}),
        ("export A=1; exec server", {"A": "1"}),
    ],
)
def test_a_command_sees_what_is_exported_to_it(text: str, expected: dict[str, str], read: Read) -> None:
    """Prefix assignments, exports, and new values for what the environment holds already (X)."""
    assert expected == {name: word.text for name, word in read(text).main[0].assignments.items()}
