"""Compose and Skaffold files say how images are built."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gracekeeper.images import compose, skaffold
from gracekeeper.images.build import Build, Built
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.provenance import Unknown

WEB = ImageReference("example.com", "shop/web")


def composed(service: str, path: str = "deploy/compose.yaml") -> list[Built]:
    """What a Compose file with one service builds."""
    return list(compose.built(path, [{"services": {"web": yaml.safe_load(service)}}]))


def artifact(text: str) -> list[Built]:
    """What a Skaffold file with one artifact builds."""
    content: dict[str, Any] = {"apiVersion": "skaffold/v4beta6", "build": {"artifacts": [yaml.safe_load(text)]}}
    return list(skaffold.built("skaffold.yaml", [content]))


def test_a_service_that_is_built_is_read() -> None:
    """Its context is relative to the file, its Dockerfile to the context."""
    service = """
    image: example.com/shop/web:1.4
    build: {context: ../web, dockerfile: docker/Dockerfile, target: live, args: {PYTHON: 3.12, DEBUG: false}}
    """
    build = Build("deploy/../web/docker/Dockerfile", "deploy/../web", "live", {"PYTHON": "3.12", "DEBUG": "false"})
    name = ImageReference("example.com", "shop/web", "1.4")
    assert [Built(name, build, "deploy/compose.yaml")] == composed(service)


def test_a_folder_alone_says_where_it_is_built() -> None:
    """The short form."""
    (built,) = composed("{image: example.com/shop/web, build: ./web}", "compose.yaml")
    assert Build("./web/Dockerfile", "./web") == built.build


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("example.com/shop/web:${TAG}", WEB),
        ("example.com/shop/web:$TAG", WEB),
        ("example.com/shop/web:${TAG:?say which}", WEB),
        ("example.com/shop/web:${TAG:-1.4}", ImageReference("example.com", "shop/web", "1.4")),
        ("${REGISTRY:-example.com}/shop/web", WEB),
        ("${REGISTRY-example.com/}shop/web:v$$", None),
        ("${REGISTRY}/shop/web:1.4", None),
        ("example.com/${NAME}", None),
    ],
)
def test_variables_are_unknown_but_for_their_defaults(image: str, name: ImageReference | None) -> None:
    """Without a known tag every tag is meant; without a known name nothing is."""
    assert ([name] if name else []) == [each.name for each in composed(f"{{image: '{image}', build: .}}")]


def test_arguments_may_be_a_list() -> None:
    """One without a value is set where the image is built."""
    (built,) = composed("{image: web, build: {args: [A=1, B, 'C=${X}', 'D=${Y:-2}']}}")
    unknown = {name: Unknown(f"the build argument {name} is set where it is built") for name in "BC"}
    assert {"A": "1", "D": "2", **unknown} == built.build.arguments


@pytest.mark.parametrize(
    "service",
    [
        "{image: web}",
        "{build: .}",
        "{image: web, build: 'https://example.com/web.git'}",
        "{image: web, build: {dockerfile_inline: FROM python}}",
        "{image: web, build: {context: '${FOLDER}'}}",
        "{image: web, build: [.]}",
        "{image: [web], build: .}",
        "web",
    ],
)
def test_what_no_dockerfile_of_the_repository_makes_is_left_out(service: str) -> None:
    """Nothing is told by it."""
    assert [] == composed(service)


def test_an_artifact_is_read() -> None:
    """Docker's and kaniko's; the folder of the file where nothing is said."""
    (built,) = artifact("{image: web, context: src, docker: {dockerfile: a.Dockerfile, target: t, buildArgs: {A: 1}}}")
    assert Build("src/a.Dockerfile", "src", "t", {"A": "1"}) == built.build
    (built,) = artifact("{image: web}")
    assert Build("./Dockerfile", ".") == built.build
    (built,) = artifact("{image: web, kaniko: {buildArgs: {A: '{{.X}}', B: null}}}")
    assert {"A", "B"} == {name for name, value in built.build.arguments.items() if isinstance(value, Unknown)}


@pytest.mark.parametrize("text", ["{image: web, ko: {}}", "{image: web, context: '{{.X}}'}", "{context: web}", "web"])
def test_what_docker_does_not_build_is_left_out(text: str) -> None:
    """Nothing is told by it."""
    assert [] == artifact(text)


@pytest.mark.parametrize("content", [None, [], {"services": []}, {"build": {"artifacts": [{"image": "web"}]}}])
def test_another_file_of_the_name_says_nothing(content: object) -> None:
    """Whatever it holds."""
    assert [] == [*compose.built("compose.yaml", [content]), *skaffold.built("skaffold.yaml", [content])]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("compose.yaml", True), ("docker-compose.prod.yml", True), ("compose-spec.json", False), ("composer.yaml", False)],
)
def test_compose_files_are_known_by_name(name: str, *, expected: bool) -> None:
    """With a word for what they are for."""
    assert expected == bool(compose.NAME.match(name))
