"""The image is named by a tag, not by its content.

## What it does
Finds an image reference without a digest. Left alone are a reference that holds a placeholder of a template, a bare
word such as `frontend`, for which build tools put the image in, and an image that is never pulled.

## Why it matters
Whoever may push to the registry may change what a tag means, and no node asks again whether the image is still the one
that was tested.

## What to do
Name the digest beside the tag, and let a bot renew both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STRICT, since="0.1")


def check(container: Container) -> Iterator[Finding]:
    """Look for a digest."""
    image = container.spec.image
    if "@" in image or container.spec.image_pull_policy == "Never":
        return
    reference = ImageReference.parse(image)
    if reference is None or reference.may_be_stand_in:
        return
    yield Finding(
        at=(*container.path, "image"),
        message="The image is not pinned by a digest: whoever may push to its registry decides what runs at the next "
        "start.",
        remedies=(Advice(f"name its digest too: {image}@sha256:…", "`docker buildx imagetools inspect` shows it"),),
        evidence=(Evidence("digest", "none", "image"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a version alone": """
        containers:
        - name: web
          image: shop/web:1.4.2  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a version and its digest": """
        containers:
        - name: web
          image: shop/web:1.4.2@sha256:6b2c94d9a0d6b9c9d8e7c6b5a4938271605f4e3d2c1b0a998877665544332211
    """,
}
