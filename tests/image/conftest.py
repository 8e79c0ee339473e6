"""What the tests that build images share: what builds them, and what they are built upon."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.image.builder import BASE, Builder, stand_in


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """What builds."""
    for program in ("buildah", "debootstrap", "unshare"):
        if shutil.which(program) is None:
            pytest.skip(f"no `{program}` on the PATH; installing it would let us build the image")
    if os.geteuid() != 0:
        pytest.skip("only root can build without user namespaces")
    return Builder(tmp_path_factory.mktemp("buildah"))


@pytest.fixture(scope="session")
def base(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The base that can be had here."""
    assert BASE
    name, digest = BASE.groups()
    try:
        builder("pull", "--quiet", f"{name}@{digest}")
    except subprocess.CalledProcessError:
        stand_in(builder, name, tmp_path_factory.mktemp("stand-in"))
        return name
    return f"{name}@{digest}"
