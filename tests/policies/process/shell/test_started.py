"""What a script file starts, with the words that it makes: as it is read, and as the real shells run it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from gracekeeper_policies.process.shell.dialect import Shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gracekeeper_policies.process.shell.script import Script
    from gracekeeper_policies.provenance import Word

SERVER: Final = '#!/bin/sh\nfor each; do printf "%s\\0" "$each"; done\n'


def rows(here: Path) -> list[dict[str, Any]]:
    """The table of scripts."""
    loaded: list[dict[str, Any]] = yaml.safe_load((here / "started.yaml").read_text())
    return loaded


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give one test per row, and per row and shell to whoever asks for a shell."""
    given = rows(metafunc.definition.path.parent)
    if "shell" in metafunc.fixturenames:
        pairs = [(row, Shell(shell)) for row in given if "started" in row for shell in row.get("shells", list(Shell))]
        metafunc.parametrize(("row", "shell"), pairs, ids=[f"{shell}: {row['script']!r}" for row, shell in pairs])
    else:
        metafunc.parametrize("row", given, ids=[repr(row["script"]) for row in given])


def test_a_script_is_read_to_what_it_starts(
    row: dict[str, Any], read: Callable[..., Script], words_of: Callable[..., tuple[Word, ...]]
) -> None:
    """Or something in its words cannot be told, and says so."""
    script = read(row["script"], env=row.get("env"), positional=words_of("file", *row.get("args", [])), from_file=True)
    argv = script.main[0].argv
    told = [word.text for word in argv[1:]] if not any(word.unknown for word in argv) else None
    assert row.get("started") == told


@pytest.mark.shells
def test_the_real_shell_starts_just_that(
    row: dict[str, Any], shell: Shell, real_shell: Callable[[Shell], list[str]], tmp_path: Path
) -> None:
    """Word by word."""
    server, file = tmp_path / "server", tmp_path / "file"
    server.write_text(SERVER)
    server.chmod(0o755)
    file.write_text(row["script"])
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "X": "y", **row.get("env", {})}
    command = [*real_shell(shell), str(file), *row.get("args", [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert row["started"] == done.stdout.split("\0")[:-1]
