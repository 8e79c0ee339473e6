"""Python runs on Alpine's C library.

## What it does
Finds the official Python image in its Alpine variant, by its tag.

## Why it matters
Alpine has musl instead of glibc. Wheels for glibc, which is what most packages publish, do not install there: what has
no wheel for musl is compiled at each build, with compilers that the image then needs. Programs that allocate from many
threads are often slower, and name resolution differs.

## What to do
Take the slim variant of the same version: Debian, without what is not needed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.workload import Container

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_ALPINE: Final = re.compile(r"(?:^|(?<=-))alpine[0-9.]*\Z")
_APK: Final = re.compile(r"\bapk\s")


def check(container: Container) -> Iterator[Finding]:
    """Look for the variant in the tag of an official image."""
    if "alpine" not in container.spec.image:
        return
    reference = ImageReference.parse(container.spec.image)
    if reference is None or not reference.is_official_python or not _ALPINE.search(reference.tag):
        return
    yield Finding(
        at=(*container.path, "image"),
        message=f"python:{reference.tag} has musl instead of glibc: packages without a wheel for musl are compiled "
        "when they are installed, or do not install at all.",
        remedies=(_remedy(container, reference),),
        evidence=(Evidence("tag", reference.tag, "image"),),
    )


def _remedy(container: Container, reference: ImageReference) -> Set | Advice:
    slim = _ALPINE.sub("slim", reference.tag)
    if reference.digest:
        return Advice(f"take python:{slim}, with the digest of that image")
    image = container.spec.image.removesuffix(reference.tag) + slim
    uses_apk = any(_APK.search(word) for word in (*container.spec.command, *container.spec.args))
    because = "with apt-get instead of apk" if uses_apk else "Debian, without what is not needed"
    return Set((*container.path, "image"), image, because)


BAD: Final[Mapping[str, str]] = {
    "Python on Alpine": """
        containers:
        - name: web
          image: python:3.12.4-alpine3.20  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "Python on Debian": """
        containers:
        - name: web
          image: python:3.12.4-slim
    """,
    "something else on Alpine": """
        containers:
        - {name: proxy, image: "nginx:1.27.1-alpine"}
    """,
}
