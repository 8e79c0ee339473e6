"""Microsoft's validator, with the rules by which GitHub takes SARIF in."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.sarif import sarif

if TYPE_CHECKING:
    from pathlib import Path

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.roots import Root

pytestmark = pytest.mark.sarif


@pytest.fixture
def validator() -> str:
    """Its program."""
    program = os.environ.get("SARIF_VALIDATOR", "")
    if not program:
        pytest.skip("SARIF_VALIDATOR names no program; `make sarif-validator` fetches it")
    return program


def test_it_has_nothing_to_say(everything: Report, root: Root, folder: Path, validator: str) -> None:
    """But that the program has no page of its own yet."""
    (folder / "ours.sarif").write_text(sarif(everything, root, "1.2.3"), encoding="utf-8")
    command = [validator, "validate", "ours.sarif", "--rule-kind", "Sarif;Ghas", "--output", "said.sarif"]
    subprocess.run(command, capture_output=True, check=False, timeout=120)
    [run] = json.loads((folder / "said.sarif").read_text(encoding="utf-8-sig"))["runs"]

    assert [result["ruleId"] for result in run.get("results", [])] == ["SARIF2005"]
