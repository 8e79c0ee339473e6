"""What a repository holds to build images from, and which image it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from gracekeeper.images import repository
from gracekeeper.images.builder import Builder
from gracekeeper.images.found import Answer, FoundBuilds
from gracekeeper.images.repository import find_builds
from gracekeeper.sources.exclusion import globs
from gracekeeper_policies.process.image import ImageConfig, ImageReference
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Tree: TypeAlias = Callable[[dict[str, str]], None]

WEB = 'FROM python:3.12-slim\nCMD ["gunicorn", "app:app"]\n'
API = 'FROM python:3.12-slim\nCMD ["uvicorn", "app:app"]\n'


def about(image: str, *paths: str, exclude: str = "") -> Answer:
    """What the repository says of an image."""
    excludes = [globs([exclude], ".", "excluded")] if exclude else []
    asked = ImageReference.parse(image)
    assert asked
    return FoundBuilds(find_builds(paths or (".",), excludes), Builder()).about(asked)


def told(image: str, *paths: str, exclude: str = "") -> tuple[str, str, object]:
    """Who tells it, why it may not be so, and the program."""
    config = about(image, *paths, exclude=exclude)
    assert isinstance(config, ImageConfig)
    assert isinstance(config.command, tuple)
    return config.tier, config.doubt, config.command[0]


def test_a_folder_of_the_name_is_a_guess(tree: Tree) -> None:
    """From wherever in the repository manifests are checked."""
    tree({"web/Dockerfile": WEB, "api/Dockerfile": API, "deploy/web.yaml": ""})
    doubt = "that web/Dockerfile makes it is told by its folder's name alone"
    for paths in ((".",), ("deploy",), ("deploy/web.yaml",), ("-",)):
        assert ("web/Dockerfile", doubt, "gunicorn") == told("example.com/shop/web:1.4", *paths)


def test_the_repository_itself_has_a_name(tree: Tree) -> None:
    """Most have one application, and one Dockerfile beside its code."""
    tree({"Dockerfile": WEB})
    assert "Dockerfile" == told("example.com/shop:1.4")[0]
    assert None is about("example.com/web:1.4")


def test_two_folders_of_the_name_say_nothing(tree: Tree) -> None:
    """Either may make it."""
    tree({"a/web/Dockerfile": WEB, "b/web/Dockerfile": API})
    assert Unknown("its Dockerfile may be a/web/Dockerfile or b/web/Dockerfile") == about("web:1")


def test_of_two_files_the_usual_one_counts(tree: Tree) -> None:
    """`docker build` takes no other by itself."""
    tree({"web/Dockerfile": WEB, "web/Containerfile": API, "web/Dockerfile.dev": API})
    assert "web/Dockerfile" == told("web:1")[0]


def test_an_official_image_is_built_by_nobody_else(tree: Tree) -> None:
    """A folder `redis` holds what is mounted into it."""
    tree({"redis/Dockerfile": WEB})
    assert None is about("redis:7")
    assert "redis/Dockerfile" == told("example.com/redis:7")[0]


@pytest.mark.parametrize(
    ("ignore", "folder"), [("old/\n", "old"), ("/ol*\n", "old"), ("*.old\nb*d\n", "build"), ("", ".hidden")]
)
def test_what_is_ignored_does_not_count(tree: Tree, ignore: str, folder: str) -> None:
    """Neither what git ignores nor what is hidden."""
    tree({".gitignore": ignore, f"{folder}/web/Dockerfile": WEB, "src/web/Dockerfile": API})
    assert "src/web/Dockerfile" == told("web:1")[0]


def test_what_is_taken_back_counts(tree: Tree) -> None:
    """A pattern that begins with `!` speaks last."""
    tree({".gitignore": "src/*\n!src/web\n", "src/web/Dockerfile": WEB})
    assert "src/web/Dockerfile" == told("web:1")[0]
    tree({".gitignore": "vendor\n!vendor\n", "vendor/api/Dockerfile": WEB})
    assert "vendor/api/Dockerfile" == told("api:1")[0]


def test_what_is_excluded_does_not_count(tree: Tree) -> None:
    """As among manifests."""
    tree({"old/web/Dockerfile": WEB, "src/web/Dockerfile": API, "compose.yaml": COMPOSE})
    assert "src/web/Dockerfile" == told("web:1", exclude="old/")[0]
    assert "src/web/Dockerfile" == told("example.com/shop/web:1.4", exclude="old/")[0]


COMPOSE = "services: {web: {image: 'example.com/shop/web:${TAG}', build: {context: src/web}}}\n"


def test_compose_tells_it(tree: Tree) -> None:
    """That is no guess, whatever the folder is called."""
    tree({"src/web/Dockerfile": WEB, "other/web/Dockerfile": API, "compose.yaml": COMPOSE})
    assert ("src/web/Dockerfile", "", "gunicorn") == told("example.com/shop/web:1.4")


def test_skaffold_tells_it(tree: Tree) -> None:
    """Its artifacts have the names of manifests."""
    skaffold = "apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {artifacts: [{image: front, context: src}]}\n"
    tree({"src/Dockerfile": WEB, "skaffold.yaml": skaffold})
    assert ("src/Dockerfile", "", "gunicorn") == told("front")


def test_another_tag_is_a_guess(tree: Tree) -> None:
    """What is built for development may be built in another way."""
    tree({"src/Dockerfile": WEB, "compose.yaml": "services: {a: {image: 'shop/web:dev', build: src}}\n"})
    assert ("src/Dockerfile", "compose.yaml builds shop/web:dev from it", "gunicorn") == told("shop/web:1.4")


def test_two_ways_to_build_it_say_nothing(tree: Tree) -> None:
    """Two files with one target are one way."""
    ways = "services: {{a: {{image: shop/web, build: {{context: src, target: {}}}}}}}\n"
    tree({"src/Dockerfile": WEB, "compose.yaml": ways.format("live"), "compose.dev.yaml": ways.format("dev")})
    assert Unknown("compose.dev.yaml and compose.yaml can build it in 2 ways") == about("shop/web")
    tree({"src/Dockerfile": 'FROM python:3.12 AS live\nCMD ["a"]\n', "compose.dev.yaml": ways.format("live")})
    assert "a" == told("shop/web")[2]


def test_a_dockerfile_that_cannot_be_read_leaves_it_unknown(tree: Tree) -> None:
    """The reason says why."""
    tree({"web/Dockerfile": "FROM python:3.12\nRUNN x\n"})
    found = about("web:1")
    assert isinstance(found, Unknown)
    assert found.reason.startswith("web/Dockerfile:2")


@pytest.mark.parametrize("content", ["a: b: c\n", "\0", "services: {web: 5}\n"])
def test_a_compose_file_that_cannot_be_read_says_nothing(tree: Tree, content: str) -> None:
    """Nobody asked for it."""
    tree({"web/Dockerfile": WEB, "compose.yaml": content})
    assert "web/Dockerfile" == told("web:1")[0]


def test_outside_of_a_repository_a_directory_is_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's neighbours are not."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web/Dockerfile").write_text(WEB)
    (tmp_path / "web.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert ["web/Dockerfile"] == [path.removeprefix("./") for path in find_builds(["."], ()).tops]
    assert {} == find_builds(["web.yaml", "-"], ()).tops


def test_too_large_a_repository_is_told(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked for to the end of the day."""
    tree({"a/b/c/d/Dockerfile": WEB})
    monkeypatch.setattr(repository, "MOST", 3)
    assert (".", {}) == (find_builds(["."], ()).too_large, find_builds(["."], ()).tops)
