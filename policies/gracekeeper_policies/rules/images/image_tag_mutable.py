"""The image's tag may mean another image tomorrow.

## What it does
Parses the image reference by the distribution grammar and finds one without a digest whose tag is missing, `latest`,
named like a branch, or a variant alone (`slim`). A reference that holds a placeholder of a template is left alone. A
bare name without a tag that is not one of Docker's own library is suspected: tools such as kustomize put the image in
its place.

## Why it matters
Two replicas of one Deployment may run two versions, a restart may bring a release that nobody rolled out, and a
rollback may bring back nothing. Which version a Job ran, its manifest does not tell.

## What to do
Name a version that never moves, or pin the digest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.kinds import JOB_KINDS
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.STANDARD, since="0.1")
_BRANCH_LIKE: Final = re.compile(
    r"(?:latest(?:[-_.].*)?|.*[-_.]latest|main|master|develop|dev|devel|trunk|head|nightly|edge|canary|snapshot|staging|stable|release|prod(?:uction)?|slim|alpine)\Z",
    re.IGNORECASE,
)
_WITHOUT_ROLLOUT: Final = JOB_KINDS | {"Pod"}


def check(container: Container) -> Iterator[Finding]:
    """Look at the reference's tag and digest."""
    reference = ImageReference.parse(container.spec.image)
    if reference is None or reference.digest or (reference.tag and not _BRANCH_LIKE.match(reference.tag)):
        return
    what = f"The tag {reference.tag} moves" if reference.tag else "Without a tag the image is :latest, which moves"
    name = reference.repository.rpartition("/")[2]
    yield Finding(
        at=(*container.path, "image"),
        message=f"{what}: {_harm(container)}",
        remedies=(Advice(f"name a release that never moves, {name}:VERSION, or a digest"),),
        doubt=_stand_in(reference),
        evidence=(Evidence("tag", reference.tag or "none", "image"),),
    )


def _harm(container: Container) -> str:
    if container.workload.kind in _WITHOUT_ROLLOUT:
        return "each new pod may run another version than the last one, and the manifest does not tell which."
    return "replicas of one rollout may run different versions, and a rollback may bring back nothing."


def _stand_in(reference: ImageReference) -> str:
    if not reference.may_be_stand_in:
        return ""
    return f"{reference.name} may stand for the image that kustomize or another tool puts in its place"


BAD: Final[Mapping[str, str]] = {
    "latest": """
        containers:
        - name: web
          image: shop/web:latest  # finding
    """,
    "a registry's port is no tag": """
        containers:
        - name: web
          image: registry:5000/shop/web  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a version": """
        containers:
        - {name: web, image: "registry:5000/shop/web:1.4.2"}
    """,
    "a digest": """
        containers:
        - name: web
          image: shop/web@sha256:6b2c94d9a0d6b9c9d8e7c6b5a4938271605f4e3d2c1b0a998877665544332211
    """,
}
