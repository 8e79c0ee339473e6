"""Whether a container runs Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.recognition import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

UNTOLD = "shop/web:1.4.2"


@pytest.mark.parametrize(
    ("line", "image", "runtime"),
    [
        ("gunicorn a:a", UNTOLD, Runtime.PYTHON),
        ("nginx", "python:3.12", Runtime.OTHER),
        ("./run", "python:3.12", Runtime.PYTHON),
        ("./run", "nginx:1.27", Runtime.OTHER),
        ("./run", UNTOLD, Runtime.UNKNOWN),
        ("./run", "ghcr.io/me/python:3.12", Runtime.UNKNOWN),
        ("./run", "", Runtime.UNKNOWN),
    ],
)
def test_the_runtime_is_told_by_program_then_image(
    started: Callable[..., PythonProcess], line: str, image: str, runtime: Runtime
) -> None:
    """A Docker Hub image of a known name tells; another registry's namesake does not."""
    assert runtime is started(line, image).runtime


@pytest.mark.parametrize(
    ("text", "runtime"), [("python", Runtime.PYTHON), ("other", Runtime.OTHER), ("Java", Runtime.UNKNOWN)]
)
def test_a_declared_runtime_beats_both(process: Callable[..., PythonProcess], text: str, runtime: Runtime) -> None:
    """A word that means nothing is reported elsewhere and declares nothing here."""
    told = process(f"""
        apiVersion: v1
        kind: Pod
        metadata: {{annotations: {{gracekeeper.dev/runtime: {text}}}}}
        spec: {{containers: [{{name: web, command: [./run]}}]}}
    """)
    assert runtime is told.runtime
