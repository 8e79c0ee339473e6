"""The rules on images: what a reference alone tells."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.policy import GracePolicy, Profile
from gracekeeper_policies.rules.images.python_version_unsupported import END_OF_LIFE, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.document import Document
    from gracekeeper_policies.verdict import Verdict

DIGEST = "@sha256:6b2c94d9a0d6b9c9d8e7c6b5a4938271605f4e3d2c1b0a998877665544332211"
RULE = "python-version-unsupported"


@pytest.fixture
def told(verdict: Callable[..., Verdict]) -> Callable[..., list[str]]:
    """The remedies of what one rule finds in an image."""

    def _told(rule: str, image: str) -> list[str]:
        found = verdict(f"containers: [{{name: web, image: '{image}'}}]").rulings
        return [each.finding.remedy for each in found if each.rule.id == rule]

    return _told


@pytest.mark.parametrize(
    ("image", "slim"),
    [
        ("python:3.13-alpine", "python:3.13-slim"),
        ("python:alpine", "python:slim"),
        ("python:3.12.4-alpine3.20", "python:3.12.4-slim"),
        ("docker.io/library/python:3.13-alpine", "docker.io/library/python:3.13-slim"),
        ("public.ecr.aws/docker/library/python:3.13-alpine", "public.ecr.aws/docker/library/python:3.13-slim"),
    ],
)
def test_pythons_alpine_variant_has_a_slim_one(told: Callable[..., list[str]], image: str, slim: str) -> None:
    """From Docker Hub, or from a mirror of its library."""
    assert [f"write image: {slim} (Debian, without what is not needed)"] == told("musl-python-image", image)


def test_a_digest_belongs_to_one_image_alone(told: Callable[..., list[str]]) -> None:
    """Another tag needs another digest, which nobody can guess."""
    remedy = "take python:3.13-slim, with the digest of that image"
    assert [remedy] == told("musl-python-image", f"python:3.13-alpine{DIGEST}")


@pytest.mark.parametrize(
    "image", ["nginx:1-alpine", "shop/python:3-alpine", "python:3.13", "alpine:3", "python-alpine"]
)
def test_other_images_are_not_pythons_alpine_variant(told: Callable[..., list[str]], image: str) -> None:
    """Somebody else's image may be built in any way."""
    assert [] == told("musl-python-image", image)


@pytest.mark.parametrize(
    ("image", "finds"),
    [("shop/web:1.4.2", True), ("shop/web", True), (f"shop/web:1{DIGEST}", False), ("{{ .Values.image }}", False)],
)
def test_an_image_is_pinned_by_a_digest(told: Callable[..., list[str]], image: str, finds: bool) -> None:
    """A placeholder is not an image yet."""
    assert finds is bool(told("image-not-pinned", image))


def test_an_image_that_is_never_pulled_has_no_digest(verdict: Callable[..., Verdict]) -> None:
    """Whoever may push to a registry decides nothing then."""
    found = verdict("containers: [{name: web, image: 'web:1', imagePullPolicy: Never}]").rulings
    assert "image-not-pinned" not in {each.rule.id for each in found}


@pytest.mark.parametrize(
    ("image", "weight"),
    [
        ("frontend", Severity.WARNING),
        ("replaced-by-kustomize", Severity.WARNING),
        ("ubuntu", Severity.ERROR),
        ("frontend:latest", Severity.ERROR),
        ("shop/frontend", Severity.ERROR),
        ("registry:5000/frontend", Severity.ERROR),
    ],
)
def test_a_bare_word_may_stand_for_an_image(verdict: Callable[..., Verdict], image: str, weight: Severity) -> None:
    """Docker Hub has bare words for the official images alone; others, build tools replace."""
    found = verdict(f"containers: [{{name: web, image: '{image}'}}]").rulings
    about = {each.rule.id: each.severity for each in found if each.rule.id.startswith("image-")}
    pinned = {} if weight is Severity.WARNING else {"image-not-pinned": Severity.NOTE}
    assert {"image-tag-mutable": weight, **pinned} == about


@pytest.mark.parametrize(
    ("tag", "moves"),
    [
        ("slim", True),
        ("alpine", True),
        ("latest-gpu", True),
        ("3-slim", False),
        ("alpine3.20", False),
        ("1.4.2", False),
    ],
)
def test_a_variant_without_a_version_moves(told: Callable[..., list[str]], tag: str, moves: bool) -> None:
    """It is the latest one's."""
    assert ["name a release that never moves, web:VERSION, or a digest"] * moves == told(
        "image-tag-mutable", f"shop/web:{tag}"
    )


@pytest.mark.parametrize(
    ("kind", "harm"),
    [("Deployment", "replicas of one rollout"), ("Job", "each new pod may run another version than the last one")],
)
def test_what_has_no_rollout_is_told_of_none(verdict: Callable[..., Verdict], kind: str, harm: str) -> None:
    """A Job runs once, and a bare pod is never replaced."""
    found = verdict(
        f"apiVersion: {'batch/v1' if kind == 'Job' else 'apps/v1'}\n"
        f"kind: {kind}\n"
        "metadata: {name: web}\n"
        "spec: {template: {spec: {containers: [{name: web, image: 'shop/web:latest'}]}}}\n"
    )
    [message] = [each.finding.message for each in found.rulings if each.rule.id == "image-tag-mutable"]
    assert harm in message


def test_apk_goes_with_alpine(verdict: Callable[..., Verdict]) -> None:
    """The slim variant has another package manager."""
    found = verdict("containers: [{name: web, image: 'python:3.13-alpine', args: [sh, -c, 'apk add git && serve']}]")
    [remedy] = [each.finding.remedy for each in found.rulings if each.rule.id == "musl-python-image"]
    assert remedy == "write image: python:3.13-slim (with apt-get instead of apk)"


@pytest.mark.parametrize(
    ("image", "day", "finds"),
    [
        ("python:3.8-slim", date(2026, 11, 22), True),
        ("python:2.7", date(2026, 11, 22), True),
        ("python:3.8.19-slim-bookworm", date(2026, 11, 22), True),
        ("python:3.12", date(2028, 10, 31), False),
        ("python:3.12", date(2028, 11, 1), True),
        ("python:3.10", date(2026, 10, 31), True),
        ("python:3.99", date(2026, 11, 22), False),
        ("python:3", date(2026, 11, 22), False),
        ("python", date(2026, 11, 22), False),
        ("python:latest", date(2026, 11, 22), False),
        ("shop/python:3.8", date(2026, 11, 22), False),
        ("python:3.12", date.min, False),
    ],
)
def test_a_python_ends_on_its_day(
    manifests: Callable[[str], list[Document]], image: str, day: date, finds: bool
) -> None:
    """On its last day it is supported still; below the minimum it never is."""
    assert finds is bool(reasons(manifests, image, day))


def reasons(
    manifests: Callable[[str], list[Document]], image: str, day: date, parameters: Parameters | None = None
) -> list[str]:
    """What is said of an image's Python on a day."""
    policy = GracePolicy(profile=Profile.STRICT, parameters={RULE: parameters} if parameters else {})
    documents = manifests(f"containers: [{{name: web, image: '{image}'}}]")
    found = judge(documents, policies=[policy], rules=RULES, neighbours=Neighbours(), now=day).rulings
    return [each.finding.message for each in found if each.rule.id == RULE]


def test_a_policy_sets_the_oldest_python(manifests: Callable[[str], list[Document]]) -> None:
    """Its end of life is the stronger reason."""
    day = date(2026, 11, 22)
    assert ["Python 3.12 is older than 3.13, the policy's minimum."] == reasons(
        manifests, "python:3.12", day, Parameters("3.13")
    )
    assert [] == reasons(manifests, "python:3.13", day, Parameters("3.13"))
    assert [] == reasons(manifests, "python:3.11", day)
    [reason] = reasons(manifests, "python:3.9", day, Parameters("3.13"))
    assert "2025-10-31" in reason


def test_each_python_ends_after_the_one_before() -> None:
    """Of Python 3; a version that is added takes its place in the table."""
    threes = [day for version, day in sorted(END_OF_LIFE.items()) if version[0] == 3]
    assert sorted(set(threes)) == threes


@pytest.mark.parametrize(
    ("image", "suspected"),
    [
        ("web", True),
        ("docker.io/web", True),
        ("web:latest", False),
        ("shop/web", False),
        ("registry:5000/web", False),
        ("debian", False),
        ("python", False),
        ("docker.io/library/python", False),
    ],
)
def test_a_bare_name_may_stand_for_another_image(
    verdict: Callable[..., Verdict], image: str, *, suspected: bool
) -> None:
    """Tools such as kustomize put the real one in its place; what Docker's library holds is meant as it stands."""
    rulings = verdict(f"containers: [{{name: web, image: '{image}'}}]").rulings
    assert [suspected] == [bool(each.finding.doubt) for each in rulings if each.rule.id == "image-tag-mutable"]
