"""Python runs on Alpine's C library.

## What it does
Finds the official Python image in its Alpine variant by its tag, and Python in an image that was read and is built on
Alpine.

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

from gracekeeper_policies.container import Role
from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.image import ImageConfig, ImageReference
    from gracekeeper_policies.process.pod import PodProcesses
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_ALPINE: Final = re.compile(r"(?:^|(?<=-))alpine[0-9.]*\Z")
_APK: Final = re.compile(r"\bapk\s")


def check(pod: PodProcesses) -> Iterator[Finding]:
    """Look for the variant in the tag of an official image, and for the distribution of one that was read."""
    for process in pod.all:
        if process.container.role is Role.EPHEMERAL:
            continue
        if "alpine" in process.container.spec.image:
            yield from _by_tag(process)
        if not isinstance(process.image, Unknown) and process.image.distribution == "alpine":
            yield from _by_image(process, process.image)


def _by_tag(process: PythonProcess) -> Iterator[Finding]:
    reference = _official(process)
    if reference is not None:
        container = process.container
        yield _finding(
            container, f"python:{reference.tag}", _remedy(container, reference), Evidence("tag", reference.tag, "image")
        )


def _by_image(process: PythonProcess, image: ImageConfig) -> Iterator[Finding]:
    if _official(process) is not None or not (image.python_version or process.runtime is Runtime.PYTHON):
        return
    remedy = Advice("build it on the slim variant of Python's image: Debian, without what is not needed")
    told = Evidence("distribution", "Alpine", image.source("distribution"))
    yield _finding(process.container, "Its image, built on Alpine,", remedy, told, image.doubt)


def _official(process: PythonProcess) -> ImageReference | None:
    reference = process.reference
    found = reference is not None and reference.is_official_python and _ALPINE.search(reference.tag)
    return reference if found else None


def _finding(container: Container, whose: str, remedy: Set | Advice, told: Evidence, doubt: str = "") -> Finding:
    return Finding(
        at=(*container.path, "image"),
        message=f"{whose} has musl instead of glibc: packages without a wheel for musl are compiled when they are "
        "installed, or do not install at all.",
        remedies=(remedy,),
        doubt=doubt,
        evidence=(told,),
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
