"""What is known of a container's process as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Known

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess


def test_the_image_shows_what_the_manifest_does_not(process: Callable[..., PythonProcess]) -> None:
    """Its entrypoint and command are a command line like any other."""
    image = ImageConfig("registry", entrypoint=("tini", "--"), command=("gunicorn", "--graceful-timeout=9", "a:a"))
    told = process("containers: [{image: shop/web}]", image)
    assert Known(9.0, "image: registry, command") == told.shutdown.drain


@pytest.mark.parametrize("line", ["{}", "sh {}", "./{}.py"])
def test_a_long_word_is_quoted_only_in_part(started: Callable[..., PythonProcess], line: str) -> None:
    """A sentence stays a sentence, whatever a manifest holds."""
    process = started(line.format("x" * 100_000))
    assert len(process.name + process.unknown) < 150
