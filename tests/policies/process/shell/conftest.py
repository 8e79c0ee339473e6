"""What the tests of shells share: reading a script, the measured tables, and the real shells."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.script import Script, read_script
from gracekeeper_policies.provenance import Known, Unknown, Word

HERE: Final = Path(__file__).parent
PACKAGES: Final = {"dash": "dash", "bash": "bash", "sh": "bash", "busybox": "busybox"}

Read = Callable[..., Script]
RealShell = Callable[[Shell], list[str]]


@pytest.fixture(scope="session")
def read() -> Read:
    """Reads a script as a shell would run it, in which `server` is a server; fails on one that cannot be read."""

    def read_text(
        text: str,
        shell: Shell = Shell.BASH,
        *,
        env: Mapping[str, str] | None = None,
        positional: tuple[Word, ...] = (),
        from_file: bool = False,
    ) -> Script:
        environment = {name: Known(value, f"env {name}") for name, value in {"X": "y", **(env or {})}.items()}
        script = read_script(
            Word(text, "args[0]", ("args", 0)),
            shell,
            environment=environment,
            is_server=lambda argv: argv[0].text == "server",
            positional=positional,
            from_file=from_file,
        )
        assert not isinstance(script, Unknown), script.reason
        return script

    return read_text


@pytest.fixture(scope="session")
def real_shell() -> RealShell:
    """The command line of a real shell; its test is skipped, naming the package, where it is not installed."""

    def command_line(shell: Shell) -> list[str]:
        argv = {Shell.DASH: ["dash"], Shell.BASH: ["bash"], Shell.ASH: ["busybox", "sh"]}[shell]
        if shutil.which(argv[0]) is None:
            pytest.skip(f"{argv[0]} is missing; the package {PACKAGES[argv[0]]} would provide it")
        return argv

    return command_line


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give one test per row and shell to whoever asks for what was measured."""
    if "is_replaced" in metafunc.fixturenames:
        rows = yaml.safe_load((HERE / "forms.yaml").read_text())
        given = [
            pytest.param(row["script"], Shell(shell), expected, id=f"{shell}: {row['script']!r}")
            for row in rows
            for expected, key in ((True, "replaced"), (False, "kept"))
            for shell in row[key]
        ]
        metafunc.parametrize(("form", "shell", "is_replaced"), given)
    if "outcome" in metafunc.fixturenames:
        rows = yaml.safe_load((HERE / "signals.yaml").read_text())
        given = [
            pytest.param(row["script"], Shell(shell), row.get("all") or row[shell], id=f"{shell}: {row['script']!r}")
            for row in rows
            if row["script"] in getattr(metafunc.module, "TELLING", (row["script"],))
            for shell in (Shell if "all" in row else [key for key in row if key != "script"])
        ]
        metafunc.parametrize(("signalled", "shell", "outcome"), given)


@pytest.fixture(scope="session")
def words_of() -> Callable[..., tuple[Word, ...]]:
    """Makes words of texts."""
    return lambda *texts: tuple(Word(text, f"args[{number}]", ("args", number)) for number, text in enumerate(texts))
