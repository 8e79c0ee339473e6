"""The container image, built for real and run as a container runs: as its user, without a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from gracekeeper.images.dockerfile import read_dockerfile
from gracekeeper_policies.process.image import ImageConfig
from tests.image.builder import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.image.builder import Builder

pytestmark = pytest.mark.image

CERTIFICATES: Final = "/etc/ssl/certs"

_INSTALLED: Final = "from importlib.metadata import distributions as d; print(*{each.name.lower() for each in d()})"
_NOT_COMPILED: Final = """
import sysconfig
from importlib.util import cache_from_source
from pathlib import Path

modules = Path(sysconfig.get_path("purelib"), "gracekeeper").rglob("*.py")
print(*(each for each in modules if not Path(cache_from_source(each)).exists()))
"""
_WRITABLE: Final = """
import os

tops = [f"/{each}" for each in os.listdir("/") if each not in {"dev", "proc", "sys"}]
for folder, _, files in (walked for top in tops for walked in os.walk(top)):
    paths = [folder, *(os.path.join(folder, each) for each in files)]
    print(*(each for each in paths if os.access(each, os.W_OK) and not os.path.islink(each)))
"""


@dataclass(frozen=True)
class Image:
    """The image, and a container made of it."""

    builder: Builder
    container: str
    base: str

    @property
    def configuration(self) -> dict[str, Any]:
        """What a runtime reads of it."""
        return self.builder.configuration("gracekeeper:test")

    def run(self, *command: str, mounted: Path | None = None) -> str:
        """Run a command in it: as its user, without a network."""
        volume = ["--volume", f"{mounted}:/work:ro"] if mounted else []
        return self.builder("run", "--isolation", "chroot", *volume, self.container, "--", *command, offline=True)


@pytest.fixture(scope="module")
def image(builder: Builder, base: str) -> Iterator[Image]:
    """The image, made as `make image` makes it."""
    given = {"BASE": base, "VERSION": "0.0.1", "REVISION": "abcdef"}
    arguments = [f"--build-arg={name}={value}" for name, value in given.items()]
    # The machine's own certificates, since its package index may have an authority of its own.
    arguments += ["--isolation=chroot", f"--volume={CERTIFICATES}:{CERTIFICATES}:ro", "--tag=gracekeeper:test"]
    builder("build", *arguments, ROOT)
    container = builder("from", "gracekeeper:test").strip()
    yield Image(builder, container, base)
    builder("rm", container)


def test_it_says_how_it_is_run(image: Image) -> None:
    """As a number that is not root, by an entrypoint that is no shell."""
    configuration = image.configuration
    del configuration["Labels"]["io.buildah.version"]
    assert {key: value for key, value in configuration.items() if key != "Env"} == {
        "User": "65532:65532",
        "Entrypoint": ["gracekeeper"],
        "Cmd": ["--help"],
        "WorkingDir": "/work",
        "ExposedPorts": {"8080/tcp": {}, "8443/tcp": {}},
        "Labels": {
            "org.opencontainers.image.title": "Gracekeeper",
            "org.opencontainers.image.description": (
                "Judges Python workloads for Kubernetes, on the command line and at admission"
            ),
            "org.opencontainers.image.licenses": "Apache-2.0",
            "org.opencontainers.image.version": "0.0.1",
            "org.opencontainers.image.revision": "abcdef",
        },
    }


def test_its_dockerfile_reads_as_it_was_built(image: Image) -> None:
    """By the product itself."""
    given = {"BASE": image.base, "VERSION": "0.0.1", "REVISION": "abcdef"}
    told = read_dockerfile(ROOT / "Dockerfile", build_args=given)
    assert isinstance(told, ImageConfig), told
    configuration = image.configuration
    assert told.entrypoint == tuple(configuration["Entrypoint"])
    assert (told.user, told.working_dir) == (configuration["User"], configuration["WorkingDir"])
    assert told.command == tuple(configuration["Cmd"])
    assert set(told.exposed_ports) == set(configuration["ExposedPorts"])
    assert told.labels.items() <= configuration["Labels"].items()


def test_it_checks_manifests_without_a_network(image: Image) -> None:
    """As a pipeline runs it."""
    told = image.run("gracekeeper", "check", ".", mounted=ROOT / "examples" / "01-gunicorn-web-app")
    assert told.startswith("1 workload in 3 documents: no findings")


def test_it_starts_the_operator(image: Image) -> None:
    """Everything that the operator imports is there."""
    assert image.run("python", "-c", "import gracekeeper.operator.run; print('whole')") == "whole\n"


def test_its_user_can_write_nothing_of_it(image: Image) -> None:
    """Only where everybody may, and the chart's read-only root file system takes that away, too."""
    assert set(image.run("python", "-c", _WRITABLE).split()) <= {"/run/lock", "/tmp", "/var/tmp"}


def test_it_holds_nothing_that_only_building_needs(image: Image) -> None:
    """No compiler, no test runner, and none of the tools of the stage before."""
    named = "cc gcc g++ make uv hatchling pytest hypothesis mypy ruff git"
    assert image.run("sh", "-c", f"command -v {named} || true") == ""
    installed = image.run("python", "-c", _INSTALLED).split()
    assert {"gracekeeper", "kopf", "cryptography"} <= set(installed)
    assert not {"pip", "setuptools", "hatchling", "uv", "pytest", "hypothesis", "mypy", "ruff"} & set(installed)


def test_its_modules_are_compiled(image: Image) -> None:
    """Nobody could do that later: nothing can be written."""
    assert image.run("python", "-c", _NOT_COMPILED).split() == []


def test_it_is_no_larger_than_it_has_to_be(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Above its base, whose size is Debian's and Python's affair."""
    whole, below = image.builder.size("gracekeeper:test"), image.builder.size(image.base)
    with capsys.disabled():
        print(f"\nThe image weighs {whole} MB, {whole - below} MB of them ours.")  # noqa: T201 - the report
    assert whole - below < 110
