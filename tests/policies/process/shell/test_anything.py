"""Whatever text is sent as a script, an answer comes, and soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.durations import sleep_of
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.shell.script import Script, read_script
from gracekeeper_policies.provenance import Known, Unknown, Word

FRAGMENTS = (
    *(
        "exec cd && || ; & | ( ) { } if then else elif fi for in do done while until case esac ;; *) $X ${X:-a} \" ' "
        '$@ "$@" trap TERM EXIT wait $! kill server sleep 5 > 2>&1 <<EOF EOF f() f set -e -- shift eval export A=1 '
        "A=$! true false ! time # $( ` $(( )) local return break exit 1 . x source [[ ]] <( {a,b} ~ *.py %1 $$ $0 "
        "${#X} é 😀 [ = ] read declare unset continue"
    ).split(),
    "\n",
    "\\\n",
    "\r",
    "\0",
)


def answer(text: str, shell: Shell = Shell.BASH) -> Script | Unknown:
    """Read a text as a script in a small environment."""
    return read_script(
        Word(text), shell, environment={"X": Known("a b", "env")}, is_server=lambda argv: argv[0].text == "server"
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join), st.sampled_from(Shell))
def test_fragments_of_shell_never_raise(text: str, shell: Shell) -> None:
    """Words of the language in any order give a script or the reason why not."""
    script = answer(text, shell)
    assert isinstance(script, Script | Unknown)
    assert isinstance(script, Unknown) or script.slept_seconds >= 0


@settings(max_examples=200, deadline=None)
@given(st.text(), st.sampled_from(Shell))
def test_arbitrary_text_never_raises(text: str, shell: Shell) -> None:
    """The grammar's own scanner crashes the process on some characters, which therefore never reach it."""
    assert isinstance(answer(text, shell), Script | Unknown)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="-+co ehs/.é", max_size=8), max_size=6))
def test_arbitrary_calls_never_raise(texts: list[str]) -> None:
    """A shell's command line, and that of `sleep`, may hold any words."""
    argv = tuple(Word(text) for text in texts)
    shell_call(argv)
    sleep_of((Word("sleep"), *argv))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60_000,
        "$(" * 30_000,
        "a && " * 12_000 + "b",
        "${a:-" * 12_000,
        "if a; then b; fi\n" * 3_800,
        "a & wait\n" * 7_000,
        "X=aaaaaaaaaa\n" + "X=$X$X\n" * 60 + "server $X",
        "f() { f; f; f; f; f; f; f; f; }; f",
        "X=" + "a" * 3_000 + "; case $X in *a*a*a*a*a*a*b) c;; esac",
        "a || exec b\n" * 5_000,
        "eval 'eval f'\n" * 4_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_scripts_are_answered_soon(text: str) -> None:
    """Nesting, doubling and recursion are bounded: an admission request must not hang on them."""
    started = time.process_time()
    answer(text)
    assert time.process_time() - started < 5


def test_a_very_long_script_is_not_read() -> None:
    """It is refused before any work is done on it."""
    assert isinstance(answer("true\n" * 20_000), Unknown)
