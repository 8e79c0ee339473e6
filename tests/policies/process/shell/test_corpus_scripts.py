"""The scripts in real manifests: the grammar accepts just what bash accepts."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import yaml

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.shell.invocation import shell_call
from gracekeeper_policies.process.shell.script import read_script
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def scripts_in(value: object) -> Iterator[str]:
    """Every script behind `command` and `args`, wherever a container or a probe stands."""
    if isinstance(value, list):
        for item in value:
            yield from scripts_in(item)
    if isinstance(value, dict):
        yield from scripts_in(list(value.values()))
        parts = [part for key in ("command", "args") for part in value.get(key) or [] if isinstance(value[key], list)]
        if parts and str(parts[0]).rpartition("/")[2] in ("sh", "bash"):
            call = shell_call(tuple(Word(str(part)) for part in parts))
            yield from (call.script.text,) if call is not None and call.script is not None else ()


def test_the_grammar_and_bash_agree_on_every_script(corpus: Path, real_shell: Callable[[Shell], list[str]]) -> None:
    """`bash -n` is the judge of what is valid."""
    documents = (yaml.safe_load_all(file.read_text()) for file in sorted(corpus.rglob("*.y*ml")))
    scripts = {script for parsed in documents for document in parsed for script in scripts_in(document)}
    assert len(scripts) > 50
    for script in scripts:
        judged = subprocess.run([*real_shell(Shell.BASH), "-n", "-c", script], check=False, capture_output=True)
        read = read_script(Word(script), Shell.BASH, environment={}, is_server=lambda _argv: False)
        assert (judged.returncode != 0) is isinstance(read, Unknown), script
