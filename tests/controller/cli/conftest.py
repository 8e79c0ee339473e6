"""The program as a user calls it, in this process where it can be and in one of its own where it must be."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

from gracekeeper.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """How a call ended."""

    status: int
    out: str
    err: str


Run: TypeAlias = Callable[..., Ran]

GOOD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 45
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: web
        image: registry.example.com/shop/web:1.4.2
        command: [gunicorn, --bind=0.0.0.0:8000, --workers=2, --graceful-timeout=30, "app:app"]
        lifecycle: {preStop: {sleep: {seconds: 5}}}
        readinessProbe: {httpGet: {path: /ready, port: 8000}}
        livenessProbe: {httpGet: {path: /alive, port: 8000}}
        resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes: [{name: tmp, emptyDir: {}}]
"""
BAD = GOOD.replace("terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 20")
WARNED = GOOD.replace("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true")


@pytest.fixture
def good(folder: Path) -> str:
    """The name of a file that holds a workload without faults."""
    return _written(folder, "good.yaml", GOOD)


@pytest.fixture
def bad(folder: Path) -> str:
    """The name of a file that holds a workload with one error: its grace period is too short."""
    return _written(folder, "bad.yaml", BAD)


@pytest.fixture
def warned(folder: Path) -> str:
    """The name of a file that holds a workload with one warning."""
    return _written(folder, "warned.yaml", WARNED)


@pytest.fixture
def broken(folder: Path) -> str:
    """The name of a file whose second document cannot be parsed."""
    return _written(folder, "broken.yaml", f"{GOOD}---\na: b: c\n")


def _written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the program in this process, with a terminal of 100 columns that knows no colours."""
    monkeypatch.setenv("COLUMNS", "100")
    for variable in ("GRACEKEEPER_DEBUG", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(variable, raising=False)

    def call(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        captured = capsysbinary.readouterr()
        assert isinstance(exit_.value.code, int)
        return Ran(exit_.value.code, captured.out.decode(), captured.err.decode())

    return call


@pytest.fixture
def start() -> Run:
    """Call the program in a process of its own, with more variables in its environment."""

    def call(*arguments: str, stdin: str = "", **variables: str) -> Ran:
        ran = subprocess.run(
            [sys.executable, "-m", "gracekeeper", *arguments],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            env=os.environ | {"COLUMNS": "100"} | variables,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    return call
