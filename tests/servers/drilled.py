"""The examples of the shutdown rules, made fit to be drilled: real applications, and a tenth of the seconds."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

APPLICATIONS: Final = Path(__file__).parent / "apps"
_FASTER: Final = 10
_DEFAULT_GRACE: Final = 30
_SECONDS: Final = re.compile(
    r"(--(?:graceful-timeout|timeout|timeout-graceful-shutdown|workers-kill-timeout|time-limit|worker-shutdown-timeout)="
    r"|terminationGracePeriodSeconds: |seconds: |sleep |sleep, \"|TIMEOUT_GRACEFUL_SHUTDOWN, value: \")(\d+)"
)
GRACE: Final = "terminationGracePeriodSeconds"
_DEFAULT_LIMIT: Final = "--graceful-timeout=3"
"""A tenth of gunicorn's own."""
_MORE: Final = {"dramatiq": 2}
"""Seconds that a program takes for its stop whatever its limits are, and that become no fewer."""
_USER: Final = () if os.geteuid() == 0 else ("--user", "--map-root-user")
ALONE: Final = ("unshare", *_USER, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""In a network of its own each drill may bind the port that its example names."""


class Drilled(Struct, frozen=True):
    """How a drill ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """What it said as JSON."""
        assert self.out, self.err
        told: dict[str, Any] = json.loads(self.out)
        return told


def drill(folder: Path, *arguments: str, prefix: tuple[str, ...] = ALONE, **variables: str) -> Drilled:
    """Drill in a folder, as a user does, in a network of its own."""
    program = [*prefix, sys.executable, "-m", "gracekeeper", "drill", *arguments]
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder), "COLUMNS": "100"}
    done = subprocess.run(
        program, cwd=folder, env=environment | variables, capture_output=True, check=False, text=True, timeout=120
    )
    return Drilled(done.returncode, done.stdout, done.stderr)


def pod(spec: Mapping[str, Any], *others: Mapping[str, Any]) -> str:
    """A manifest of one Pod, and of what stands beside it."""
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}
    return yaml.safe_dump_all([manifest, *others])


def faster(text: str) -> list[dict[str, Any]]:
    """A pod of an example in which everything takes a tenth of its time, defaults too; and what stands beside it.

    With a supervisor, whose own default is not told, everything takes its time.
    """
    if "supervisord" in text:
        return list(yaml.safe_load_all(dedent(text)))
    spec: dict[str, Any]
    spec, *others = yaml.safe_load_all(dedent(_SECONDS.sub(_part, text)))
    if spec.get(GRACE, 1) > 0:
        spec[GRACE] = spec.get(GRACE, _tenth(_DEFAULT_GRACE)) + _MORE.get(spec["containers"][0]["command"][0], 0)
    for container in spec["containers"]:
        words = container["command"]
        if "gunicorn" in words and not any("--graceful-timeout" in word for word in words):
            words.insert(words.index("gunicorn") + 1, _DEFAULT_LIMIT)
    return [spec, *others]


def _tenth(seconds: float) -> int:
    return math.ceil(seconds / _FASTER)


def _part(match: re.Match[str]) -> str:
    return f"{match[1]}{_tenth(int(match[2]))}"


def install(folder: Path, **modules: str) -> None:
    """Put the applications there, and modules of one line by their names: `shop__tasks` is tasks.py in shop."""
    if shutil.which("ip") is None:
        pytest.skip("ip is missing; the package iproute2 would provide it")
    for file in APPLICATIONS.glob("*.py"):
        shutil.copy(file, folder)
    for name, line in modules.items():
        module = folder.joinpath(*name.split("__")).with_suffix(".py")
        module.parent.mkdir(exist_ok=True)
        module.write_text(f"{line}\n", encoding="utf-8")
