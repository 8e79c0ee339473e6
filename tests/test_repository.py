"""What the repository promises about itself: a small base install, locked files, one version, the whole licence."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parent.parent
OPERATOR_ONLY: Final = {
    "aiohttp",
    "cryptography",
    "kopf",
    "prometheus-client",
    "pydantic-settings",
    "structlog",
    "uvloop",
}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The whole of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def locked() -> dict[str, dict[str, Any]]:
    """The packages of uv.lock by name."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return {package["name"]: package for package in lock["package"]}


def test_base_install_knows_nothing_of_the_operator(locked: dict[str, dict[str, Any]]) -> None:
    """Who installs the command line gets none of the operator's libraries, not even by way of another library."""
    installed: set[str] = set()
    waiting = ["gracekeeper"]
    while waiting:
        name = waiting.pop()
        if name not in installed:
            installed.add(name)
            waiting += [dependency["name"] for dependency in locked[name].get("dependencies", ())]

    assert installed & OPERATOR_ONLY == set()


def test_operator_is_an_extra() -> None:
    """`gracekeeper[operator]` brings what the operator imports."""
    requirements = importlib.metadata.requires("gracekeeper") or []
    extra = {re.split(r"[^\w-]", line)[0] for line in requirements if re.search(r"extra == .operator.", line)}

    assert extra == OPERATOR_ONLY


def test_version_is_written_once(project: dict[str, Any]) -> None:
    """The version stands in pyproject.toml; code asks the installed package for it."""
    version = project["project"]["version"]
    repeated = [
        str(path.relative_to(ROOT))
        for folder in ("policies", "controller")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if version in path.read_text(encoding="utf-8")
    ]

    assert importlib.metadata.version("gracekeeper") == version
    assert repeated == []


def test_every_locked_file_has_a_hash(locked: dict[str, dict[str, Any]]) -> None:
    """What is installed is what was locked: each file of each package is named with its hash."""
    files = [
        file
        for package in locked.values()
        if "registry" in package["source"]
        for file in (*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ()))
    ]

    assert files
    assert [file["url"] for file in files if not file["hash"].startswith("sha256:")] == []


def test_what_builds_the_image_is_what_was_locked(locked: dict[str, dict[str, Any]]) -> None:
    """The list by which pip installs uv names the versions and files of the lock."""
    text = (ROOT / ".ci" / "image.txt").read_text(encoding="utf-8")
    listed = re.findall(r"^(\S+)==(\S+)((?: \\\n    --hash=\S+)+)", text, re.MULTILINE)
    wanted = [(name, locked[name]["version"], _hashes(locked[name])) for name, _, _ in listed]

    assert {name for name, _, _ in listed} >= {"hatchling", "uv"}
    assert wanted == [(name, version, set(re.findall(r"sha256:\w+", hashes))) for name, version, hashes in listed]


def _hashes(package: dict[str, Any]) -> set[str]:
    return {file["hash"] for file in (*package["wheels"], package["sdist"])}


def test_locked_packages_come_from_one_index(locked: dict[str, dict[str, Any]]) -> None:
    """Everything but the project itself comes from the same package index."""
    indexes = {package["source"].get("registry") for name, package in locked.items() if name != "gracekeeper"}

    assert len(indexes) == 1


def test_licence_is_whole() -> None:
    """The licence is the Apache License 2.0, to the letter."""
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()

    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def test_changes_say_what_kind_they_are(project: dict[str, Any]) -> None:
    """A fragment of the changelog whose name has no known type would be lost at release."""
    types = "|".join(kind["directory"] for kind in project["tool"]["towncrier"]["type"])
    name = re.compile(rf"(\d+|\+[\w-]+)\.({types})\.md")
    strays = [path.name for path in (ROOT / ".changes").iterdir() if not name.fullmatch(path.name)]

    assert strays == ["README.md"]


def test_every_make_target_is_explained() -> None:
    """`make help` says of each target what it is for."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*? ## \S", makefile, re.MULTILINE))

    assert {"demo", "test", "lint", "generate", "bench"} <= targets
    assert explained == targets
