"""What buildah saves, in each form, is read as buildah itself reads it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper.images.archives.reading import ArchivedImage, read_archive
from gracekeeper.images.platforms import Platform
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.process.shell.dialect import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.image.builder import Builder

pytestmark = pytest.mark.image

NAME: Final = "registry.example.com/shop/web:1.4"
SCRIPT: Final = '#!/bin/sh\nexec "$@"\n'
DOCKERFILE: Final = """\
FROM scratch
COPY root /
COPY start.sh /app/start.sh
ENV PYTHON_VERSION=3.12.7 WEB_CONCURRENCY=4
USER 1000:1000
WORKDIR /app
EXPOSE 8000 53/udp
STOPSIGNAL SIGINT
LABEL team=shop
ENTRYPOINT ["/app/start.sh"]
CMD ["gunicorn", "app:app"]
"""


@pytest.fixture(scope="module")
def web(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image for one platform."""
    return _built(builder, tmp_path_factory.mktemp("web"), NAME)


def _built(builder: Builder, folder: Path, name: str, *more: str) -> str:
    (folder / "root/etc").mkdir(parents=True)
    (folder / "root/bin").mkdir()
    (folder / "root/etc/os-release").write_text("ID=debian\n", "utf-8")
    (folder / "root/bin/sh").symlink_to("dash")
    (folder / "start.sh").write_text(SCRIPT, "utf-8")
    (folder / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    builder("build", "--isolation=chroot", f"--tag={name}", *more, folder)
    return name


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive", "oci"])
def test_each_form_is_read(builder: Builder, web: str, tmp_path: Path, form: str) -> None:
    """Field by field."""
    builder("push", "--quiet", web, f"{form}:{tmp_path / 'web'}:{web}")
    (found,) = read_archive(str(tmp_path / "web"))
    _compare(builder, web, found)
    assert (ImageReference("registry.example.com", "shop/web", "1.4"),) == found.names


def test_a_compressed_one_is_read(builder: Builder, web: str, tmp_path: Path) -> None:
    """As `docker save | gzip` makes it."""
    builder("push", "--quiet", web, f"docker-archive:{tmp_path / 'web.tar'}:{web}")
    (tmp_path / "web.tar.gz").write_bytes(gzip.compress((tmp_path / "web.tar").read_bytes()))
    (found,) = read_archive(str(tmp_path / "web.tar.gz"))
    _compare(builder, web, found)


def test_each_of_several_platforms_is_read(builder: Builder, tmp_path: Path) -> None:
    """From an index that buildah makes."""
    for architecture in ("amd64", "arm64"):
        (tmp_path / architecture).mkdir()
        more = (f"--platform=linux/{architecture}", f"--label=built-for={architecture}")
        _built(builder, tmp_path / architecture, f"localhost/web:{architecture}", *more)
    builder("manifest", "create", "several")
    for architecture in ("amd64", "arm64"):
        builder("manifest", "add", f"--arch={architecture}", "several", f"localhost/web:{architecture}")
    builder("manifest", "push", "--quiet", "--all", "several", f"oci-archive:{tmp_path / 'web.tar'}:{NAME}")
    for platform, architecture in ((None, "amd64"), (Platform("linux", "arm64"), "arm64")):
        (found,) = read_archive(str(tmp_path / "web.tar"), platform)
        _compare(builder, f"localhost/web:{architecture}", found)


def _compare(builder: Builder, image: str, found: ArchivedImage) -> None:
    expected, config = builder.configuration(image), found.config
    assert expected == {
        "User": config.user,
        "Entrypoint": list(config.entrypoint) if isinstance(config.entrypoint, tuple) else None,
        "Cmd": list(config.command) if isinstance(config.command, tuple) else None,
        "WorkingDir": config.working_dir,
        "StopSignal": config.stop_signal,
        "Env": [f"{name}={value}" for name, value in config.environment.items()],
        "ExposedPorts": {port: {} for port in config.exposed_ports},
        "Labels": config.labels,
    }
    assert ("debian", Shell.DASH, "3.12.7") == (config.distribution, config.shell, config.python_version)
    assert {"/app/start.sh": SCRIPT} == config.files
