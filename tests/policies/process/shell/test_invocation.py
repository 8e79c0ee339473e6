"""A shell's own command line: where its script stands, and what is `$0`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.shell.invocation import shell_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.provenance import Word

    WordsOf = Callable[..., tuple[Word, ...]]


@pytest.mark.parametrize(
    ("line", "positional"),
    [
        ("sh -c 'exec x'", []),
        ("/bin/sh -ec 'exec x'", []),
        ("bash -lc 'exec x'", []),
        ("bash -l -c 'exec x'", []),
        ("bash -euxo pipefail -c 'exec x'", []),
        ("bash -o pipefail -ec 'exec x'", []),
        ("bash -c -e 'exec x'", []),
        ("bash -c -- 'exec x'", []),
        ("bash +x -c 'exec x'", []),
        ("bash --login -c 'exec x'", []),
        ("bash --rcfile /rc -c 'exec x'", []),
        ("sh -c 'exec x' name one two", ["name", "one", "two"]),
        ("sh -c 'exec x' -- one", ["--", "one"]),
    ],
)
def test_the_script_stands_behind_the_options(line: str, positional: list[str], words_of: WordsOf) -> None:
    """However `-c` is written, the first word that is no option is the script and the next is `$0`."""
    call = shell_call(words_of(*shlex.split(line)))
    assert call is not None
    assert call.script is not None
    assert call.script.text == "exec x"
    assert positional == [word.text for word in call.positional]


@pytest.mark.parametrize("line", ["sh run.sh a", "bash -x run.sh a", "bash -- run.sh a", "bash -euo pipefail run.sh a"])
def test_without_c_a_file_is_run(line: str, words_of: WordsOf) -> None:
    """The file's name is `$0` and its arguments follow."""
    call = shell_call(words_of(*line.split()))
    assert call is not None
    assert call.script is None
    assert call.file is not None
    assert call.file.text == "run.sh"
    assert [word.text for word in call.positional] == ["run.sh", "a"]


def test_a_script_keeps_its_place_in_the_manifest(words_of: WordsOf) -> None:
    """The script is the manifest's own word, path and all."""
    call = shell_call(words_of("bash", "-c", "exec x"))
    assert call is not None
    assert call.script is not None
    assert call.script.path == ("args", 2)


def test_a_flag_c_without_a_script_is_no_call(words_of: WordsOf) -> None:
    """A shell ends with an error there."""
    assert shell_call(words_of("sh", "-c")) is None


def test_a_bare_shell_reads_its_standard_input(words_of: WordsOf) -> None:
    """Neither a script nor a file is named."""
    call = shell_call(words_of("bash", "-l"))
    assert call is not None
    assert (call.script, call.file) == (None, None)
