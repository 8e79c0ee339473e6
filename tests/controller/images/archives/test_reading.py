"""An archive in any of its forms becomes the configuration of its image, or one sentence about what is wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from gracekeeper.images.archives.reading import ArchivedImage, read_archive
from gracekeeper.images.archives.storage import ArchiveError
from gracekeeper.images.platforms import USUAL, Platform
from gracekeeper_policies.process.image import ImageConfig, ImageReference
from gracekeeper_policies.process.shell.dialect import Shell
from tests.controller.images.archives.making import (
    CONFIG,
    INDEX_TYPE,
    LAYERS,
    Layout,
    image,
    laid_out,
    named,
    piece,
    saved,
    tarred,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Write: TypeAlias = Callable[[Layout], str]

NAME = ImageReference("registry.example.com", "shop/web", "1.4")
ARM = Platform("linux", "arm64")


def expected(tier: str, layer_sizes: tuple[int, ...]) -> ImageConfig:
    """The image that `CONFIG` and `LAYERS` are."""
    return ImageConfig(
        tier,
        entrypoint=("/app/start.sh",),
        command=("gunicorn", "app:app"),
        environment={"PATH": "/usr/local/bin:/usr/bin", "PYTHON_VERSION": "3.12.7"},
        user="1000",
        working_dir="/app",
        stop_signal="SIGINT",
        exposed_ports=("53/udp", "8000/tcp"),
        labels={"team": "shop"},
        layer_sizes=layer_sizes,
        shell=Shell.DASH,
        distribution="debian",
        python_version="3.12.7",
        files={"/app/start.sh": '#!/bin/sh\nexec "$@"\n'},
    )


def only(path: str, platform: Platform | None = None, name: ImageReference | None = None) -> ArchivedImage:
    """The one image of an archive."""
    (found,) = read_archive(path, platform, name)
    return found


def complaint(path: str, platform: Platform | None = None) -> str:
    """Why an archive cannot be used."""
    with pytest.raises(ArchiveError) as raised:
        read_archive(path, platform)
    return str(raised.value)


@pytest.mark.parametrize("form", ["folder", "archive", "packed"])
def test_a_layout_is_read_in_each_form(web: Layout, request: pytest.FixtureRequest, form: str) -> None:
    """As a folder, as a tar file, and compressed."""
    path = request.getfixturevalue(form)(web)
    found = only(path)
    assert found.config == expected(f"archive {path}", tuple(map(len, LAYERS)))
    assert (NAME,) == found.names


@pytest.mark.parametrize("form", ["archive", "packed"])
def test_what_docker_saves_is_read(request: pytest.FixtureRequest, form: str) -> None:
    """Its layers are not compressed, and may be links to one another."""
    path = request.getfixturevalue(form)(saved(["registry.example.com/shop/web:1.4", "web:latest"]))
    found = only(path)
    assert found.config == expected(f"archive {path}", tuple(len(gzip.decompress(each)) for each in LAYERS))
    assert (NAME, ImageReference("docker.io", "web", "latest")) == found.names


def test_two_images_of_one_archive_are_read(archive: Write) -> None:
    """`docker save web worker` writes both."""
    layout: Layout = {}
    web, worker = image(layout), image(layout, {"Cmd": ["celery"]})
    path = archive(laid_out(named(web, "shop/web:1"), named(worker, "shop/worker:1"), layout=layout))
    assert [("gunicorn", "app:app"), ("celery",)] == [each.config.command for each in read_archive(path)]


def test_a_configuration_that_says_nothing_is_empty(archive: Write) -> None:
    """Every field may be missing or null."""
    layout: Layout = {}
    config = {"Env": None, "Cmd": None, "Labels": None, "ExposedPorts": None, "User": ""}
    found = only(archive(laid_out(named(image(layout, config), "shop/web:1"), layout=layout))).config
    assert ((), (), {}, "", "SIGTERM") == (
        found.entrypoint,
        found.command,
        found.environment,
        found.user,
        found.stop_signal,
    )


def test_a_name_that_containerd_writes_comes_first(archive: Write) -> None:
    """Beside it the layout's own name is no more than a tag."""
    layout: Layout = {}
    top = named(image(layout), "1.4", "registry.example.com/shop/web:1.4")
    assert (NAME,) == only(archive(laid_out(top, layout=layout))).names


def test_what_docker_lists_beside_a_layout_names_it(archive: Write) -> None:
    """Its version 25 writes both forms into one file."""
    layout: Layout = {}
    top = image(layout)
    config = json.loads(layout[f"blobs/sha256/{top['digest'].removeprefix('sha256:')}"])["config"]["digest"]
    listed = [{"Config": f"blobs/sha256/{config[7:]}", "RepoTags": ["registry.example.com/shop/web:1.4"]}]
    layout["manifest.json"] = json.dumps(listed).encode()
    assert (NAME,) == only(archive(laid_out(top, layout=layout))).names


def test_a_layout_without_a_name_has_its_digest(archive: Write) -> None:
    """A manifest may pin the image by it."""
    layout: Layout = {}
    top = image(layout)
    found = only(archive(laid_out(named(top, "1.4"), layout=layout)))
    assert ((), frozenset({top["digest"]})) == (found.names, found.digests)


def test_a_name_may_be_given(archive: Write) -> None:
    """Whatever the archive says."""
    layout: Layout = {}
    path = archive(laid_out(image(layout), layout=layout))
    assert (NAME,) == only(path, name=NAME).names


def test_of_several_images_the_one_of_the_given_tag_is_meant(archive: Write) -> None:
    """A layout may hold versions of one image."""
    layout: Layout = {}
    old, new = image(layout, {"Cmd": ["old"]}), image(layout, {"Cmd": ["new"]})
    path = archive(laid_out(named(old, "1.3"), named(new, "1.4"), layout=layout))
    assert ("new",) == only(path, name=NAME).config.command
    with pytest.raises(ArchiveError, match=r"holds several images \(1.3, 1.4\), and none of them is shop/web:2"):
        read_archive(path, None, ImageReference("docker.io", "shop/web", "2"))


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        (None, "amd64"),
        (ARM, "arm64"),
        (Platform("linux", "arm64", "v8"), "arm64"),
        (USUAL, "amd64"),
    ],
)
@pytest.mark.parametrize("nested", [True, False])
def test_one_of_several_platforms_is_read(
    archive: Write, platform: Platform | None, command: str, *, nested: bool
) -> None:
    """That of most clusters, if nobody says otherwise; what signs or describes an image is none."""
    layout: Layout = {}
    images = [image(layout, {"Cmd": [each]}, each) for each in ("arm64", "amd64")]
    signature = {**images[0], "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    tops = [piece(layout, {"manifests": [signature, *images]}, INDEX_TYPE)] if nested else [signature, *images]
    path = archive(laid_out(*(named(each, "shop/web:1") for each in tops if each is not signature), layout=layout))
    assert (command,) == only(path, platform).config.command


def test_the_only_platform_is_read(archive: Write) -> None:
    """An archive that was saved on another machine."""
    layout: Layout = {}
    path = archive(laid_out(named(image(layout, CONFIG, "s390x"), "shop/web:1"), layout=layout))
    assert "1000" == only(path).config.user
    assert "holds no image for linux/arm64, but for linux/s390x; --platform chooses" == complaint(path, ARM)


def test_a_pinned_image_may_be_known_by_its_index(archive: Write) -> None:
    """A manifest's digest is that of the index, where there are several platforms."""
    layout: Layout = {}
    one = image(layout)
    index = piece(layout, {"manifests": [one]}, INDEX_TYPE)
    found = only(archive(laid_out(named(index, "shop/web:1"), layout=layout)))
    assert {index["digest"], one["digest"]} == found.digests


def test_a_deleted_script_is_not_read(archive: Write) -> None:
    """A layer above takes it away."""
    assert {} == _with_layer(archive, {"app/.wh.start.sh": b""}).files
    assert {} == _with_layer(archive, {"app/.wh..wh..opq": b""}).files
    assert {} == _with_layer(archive, {"app": "elsewhere"}).files


def test_the_uppermost_script_is_read(archive: Write) -> None:
    """It replaces the one below."""
    assert {"/app/start.sh": "exec new\n"} == _with_layer(archive, {"app/start.sh": b"exec new\n"}).files


@pytest.mark.parametrize("content", [b"\x7fELF\0", b"\xff\xfe", b"#!/usr/bin/env python3\n", b"x" * 300_000])
def test_what_is_no_script_is_not_read(archive: Write, content: bytes) -> None:
    """A program, another encoding, what pip writes for a program, and what is too long."""
    assert {} == _with_layer(archive, {"app/start.sh": content}).files


def _with_layer(archive: Write, entries: Mapping[str, bytes | str]) -> ImageConfig:
    pieces = saved(["shop/web:1"])
    (listed,) = json.loads(pieces["manifest.json"])
    listed["Layers"].append("d.tar")
    return only(archive({**pieces, "d.tar": tarred(entries), "manifest.json": json.dumps([listed]).encode()})).config


@pytest.mark.parametrize(
    ("release", "link", "distribution", "shell"),
    [
        (b"ID=alpine\nVERSION_ID=3.20.3\n", "/bin/busybox", "alpine", Shell.ASH),
        (b'ID="rhel"\n', "bash", "rhel", Shell.BASH),
        (b'PRETTY_NAME="Distroless"\nID="debian"\n', "", "distroless", None),
        (b"no assignment\nID='unclosed\n", "zsh", "", None),
    ],
)
def test_the_system_is_that_of_the_lowest_layer(
    archive: Write, release: bytes, link: str, distribution: str, shell: Shell | None
) -> None:
    """By its os-release and by where `sh` leads."""
    entries: dict[str, bytes | str] = {"./usr/lib/os-release": release}
    pieces = saved(["shop/web:1"]) | {"a/layer.tar": tarred(entries | ({"./usr/bin/sh": link} if link else {}))}
    found = only(archive(pieces)).config
    assert (distribution, shell) == (found.distribution, found.shell)


def test_a_layer_that_cannot_be_read_tells_nothing_more(archive: Write) -> None:
    """The configuration is whole, and says what it says."""
    found = only(archive(saved(["shop/web:1"]) | {"a/layer.tar": b"\x28\xb5\x2f\xfd" * 200})).config
    assert ("", None, "1000") == (found.distribution, found.shell, found.user)
