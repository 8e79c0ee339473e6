"""Which image of a manifest a name means, and which platform a word."""

from __future__ import annotations

import pytest

from gracekeeper.images.names import Pattern, means, written
from gracekeeper.images.platforms import Platform
from gracekeeper_policies.process.image import ImageReference

ONE, OTHER = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def parsed(text: str) -> ImageReference:
    """A reference that is one."""
    reference = ImageReference.parse(text)
    assert reference
    return reference


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("example.com/web", "example.com/web:1.4", True),
        ("example.com/web", f"example.com/web@{ONE}", True),
        ("example.com/web", "example.com/web", True),
        ("example.com/web:1.4", "example.com/web:1.4", True),
        ("example.com/web:1.4", "example.com/web:1.5", False),
        ("example.com/web:1.4", f"example.com/web:1.4@{ONE}", True),
        ("example.com/web:1.4", f"example.com/web@{ONE}", True),
        ("example.com/web:latest", "example.com/web", True),
        ("example.com/web:1.4", "example.com/web", False),
        (f"example.com/web@{ONE}", f"example.com/web:1.4@{ONE}", True),
        (f"example.com/web@{ONE}", f"example.com/web@{OTHER}", False),
        (f"example.com/web@{ONE}", "example.com/web:1.4", False),
        ("web", "docker.io/library/web:2", True),
        ("localhost/web:2", "web:2", True),
        ("localhost/web:2", "example.com/web:2", False),
        ("web", "example.com/web", False),
        ("example.com/web", "example.com/web-admin", False),
    ],
)
def test_a_name_means_versions_of_one_image(name: str, asked: str, *, expected: bool) -> None:
    """Without a tag all of them."""
    assert expected == means(parsed(name), parsed(asked))


def test_a_pinned_image_is_another_one() -> None:
    """Where digests are known, a tag proves nothing."""
    asked = parsed(f"example.com/web:1.4@{ONE}")
    assert means(parsed("example.com/web:1.4"), asked, {ONE})
    assert not means(parsed("example.com/web:1.4"), asked, {OTHER})


@pytest.mark.parametrize(
    ("pattern", "asked", "star"),
    [
        ("example.com/shop/*", "example.com/shop/web:1.4", "web"),
        ("example.com/shop/*", f"example.com/shop/web@{ONE}", "web"),
        ("example.com/shop/*", "example.com/shop/web/admin:1", None),
        ("*/shop/*", "example.com/shop/web", "web"),
        ("example.com/shop/*:1.?", "example.com/shop/web:1.4", "web"),
        ("example.com/shop/*:1.?", "example.com/shop/web:1.14", None),
        ("example.com/shop/we?", "example.com/shop/web", ""),
        ("localhost:5000/*", "localhost:5000/web:1", "web"),
        ("web", "docker.io/library/web:1", ""),
        ("web", "worker", None),
        ("web", "$(IMAGE)", None),
    ],
)
def test_a_glob_means_several_images(pattern: str, asked: str, star: str | None) -> None:
    """Its last star is a part of their names."""
    assert star == Pattern(pattern).match(asked)


@pytest.mark.parametrize("text", ["web", "shop/web:1.4", "example.com:5000/shop/web:1.4"])
def test_a_name_is_written_as_a_person_does(text: str) -> None:
    """Without what is implied."""
    assert text == written(parsed(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", Platform("linux", "amd64")),
        ("Linux/x86_64", Platform("linux", "amd64")),
        ("linux/aarch64", Platform("linux", "arm64")),
        ("linux/arm/v7", Platform("linux", "arm", "v7")),
        ("amd64", None),
        ("linux/", None),
        ("linux/amd64 ", None),
    ],
)
def test_a_platform_is_read_in_any_spelling(text: str, expected: Platform | None) -> None:
    """As tools write it."""
    assert expected == Platform.parse(text)


def test_a_variant_that_is_not_named_is_the_usual_one() -> None:
    """As container runtimes have it."""
    arm = Platform("linux", "arm")
    assert arm.means(Platform("linux", "arm", "v7"))
    assert not arm.means(Platform("linux", "arm", "v6"))
    assert not arm.means(Platform("windows", "arm", "v7"))
