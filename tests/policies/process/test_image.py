"""Image references: parsed by the distribution grammar, and what a reference alone tells of the image."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.process.shell.dialect import Shell

DIGEST = "sha256:6b2c94d9a0d6b9c9d8e7c6b5a4938271605f4e3d2c1b0a998877665544332211"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("python", "docker.io", "python", "", ""),
        ("python:3.12-slim", "docker.io", "python", "3.12-slim", ""),
        ("library/python:3", "docker.io", "library/python", "3", ""),
        ("docker.io/python:3", "docker.io", "python", "3", ""),
        ("index.docker.io/python:3", "docker.io", "python", "3", ""),
        ("shop/web:1.4.2", "docker.io", "shop/web", "1.4.2", ""),
        ("registry:5000/app", "registry:5000", "app", "", ""),
        ("registry:5000/app:1", "registry:5000", "app", "1", ""),
        ("localhost/app", "localhost", "app", "", ""),
        ("localhost:5000/app", "localhost:5000", "app", "", ""),
        ("ghcr.io/shop/web/api:v1", "ghcr.io", "shop/web/api", "v1", ""),
        ("MyRegistry/app:1", "MyRegistry", "app", "1", ""),
        ("[::1]:5000/app:1", "[::1]:5000", "app", "1", ""),
        ("shop/a.b-c__d:T_1.x-y", "docker.io", "shop/a.b-c__d", "T_1.x-y", ""),
        (f"app@{DIGEST}", "docker.io", "app", "", DIGEST),
        (f"registry:5000/shop/app:1@{DIGEST}", "registry:5000", "shop/app", "1", DIGEST),
    ],
)
def test_a_reference_reads_by_the_distribution_grammar(
    text: str, registry: str, repository: str, tag: str, digest: str
) -> None:
    """A colon before a slash belongs to a registry's port; without a registry it is Docker Hub."""
    assert ImageReference(registry, repository, tag, digest) == ImageReference.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":1",
        "app:",
        "app@",
        "app@sha256:12",
        "@" + DIGEST,
        "App",
        "shop/Web",
        "app:ta g",
        "app:-1",
        "app:" + "x" * 129,
        "-app",
        "a//b",
        "/app",
        "app/",
        "a..b",
        "a___b",
        "registry:port/app",
        "regis_try.io/app",
        "{{ .Values.image }}",
        "{{ .Values.registry }}/app:1",
        "${REGISTRY}/app:1",
        "$(REGISTRY).io/app",
        "<your.registry>/app",
        "python:3.12\n",
        "https://ghcr.io/app",
    ],
)
def test_what_the_grammar_refuses_is_no_reference(text: str) -> None:
    """Placeholders of templates among it: nothing is claimed about them."""
    assert ImageReference.parse(text) is None


@given(st.text(max_size=40) | st.text(string.ascii_letters + string.digits + "/:@._-[]", max_size=60))
@example("a" * 5000 + "!")
@example("a-" * 2500 + "!")
@example("a/" * 2500 + "!")
def test_parsing_never_raises_and_loses_nothing(text: str) -> None:
    """Whatever stands in `image`; what is parsed can be put together again."""
    told = ImageReference.parse(text)
    if told is not None:
        suffix = told.repository + (f":{told.tag}" if told.tag else "") + (f"@{told.digest}" if told.digest else "")
        assert text in {suffix, f"{told.registry}/{suffix}", f"index.docker.io/{suffix}"}


def test_docker_hubs_library_is_implied() -> None:
    """`python` and `library/python` are one image."""
    names = [ImageReference.parse(text) for text in ("python", "library/python", "docker.io/library/python:3")]
    assert ["python"] * 3 == [each.name for each in names if each]


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("python:3.12", Shell.DASH),
        ("python:3.12-slim", Shell.DASH),
        ("python:3.12-slim-bookworm", Shell.DASH),
        ("python:3.12-alpine", Shell.ASH),
        ("python:3.12-alpine3.19", Shell.ASH),
        ("docker.io/library/python:3.12-alpine", Shell.ASH),
        ("debian:12", Shell.DASH),
        ("ubuntu:24.04", Shell.DASH),
        ("alpine:3.19", Shell.ASH),
        ("shop/web:1.4-alpine", Shell.ASH),
        ("shop/web:alpine", Shell.ASH),
        ("registry.io/web:1.4-bookworm", Shell.DASH),
        ("registry.io/web:1.4-slim-bullseye", Shell.DASH),
        ("registry.access.redhat.com/ubi9/python-311", Shell.BASH),
        ("fedora:40", Shell.BASH),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.9", Shell.DASH),
        ("ghcr.io/python/python:3.12", None),
        ("shop/web:1.4.2", None),
        ("shop/alpineski:1", None),
        ("shop/web:1.4-alpinesque", None),
        ("shop/web", None),
    ],
)
def test_which_shell_sh_is_follows_from_the_reference(text: str, shell: Shell | None) -> None:
    """Where it tells; else nothing is guessed."""
    told = ImageReference.parse(text)
    assert told is not None
    assert shell == told.shell
