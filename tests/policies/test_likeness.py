"""Workloads that are alike get one verdict, the same that each would get alone."""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from gracekeeper_policies.exception import GraceException
from gracekeeper_policies.judge import Judging
from gracekeeper_policies.kinds import KINDS
from gracekeeper_policies.neighbours import Neighbours, neighbours_among
from gracekeeper_policies.neighbourspec import LabelSelector
from gracekeeper_policies.policy import GracePolicy, Profile, Scope
from gracekeeper_policies.process.image import ImageConfig, ImageReference
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.selection import Match

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gracekeeper_policies.hearing import Heard

NOW = date(2026, 11, 22)
NOBODY = Neighbours()
STANDARD = GracePolicy(scope=Scope.ALL)
STRICT = GracePolicy(profile=Profile.STRICT, scope=Scope.ALL)
WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "securityContext": {"runAsNonRoot": True},
                "containers": [
                    {
                        "name": "server",
                        "image": "registry.example.com/shop/web:1.4.2",
                        "command": ["gunicorn", "--bind=:8000", "--graceful-timeout=60", "shop.wsgi"],
                    }
                ],
            },
        },
    },
}
POD = ("spec", "template", "spec")
SERVER = (*POD, "containers", 0)
OTHER_NAMES: dict[tuple[str | int, ...], object] = {
    ("metadata", "name"): "api",
    ("metadata", "namespace"): "market",
    ("metadata", "labels"): {"app": "api", "team": "blue"},
    ("spec", "selector", "matchLabels"): {"app": "api"},
    ("spec", "template", "metadata", "labels"): {"app": "api"},
    (*SERVER, "image"): "registry.example.com/market/api:1.5.0",
}


def changed(changes: Mapping[tuple[str | int, ...], object], values: Mapping[str, Any] = WEB) -> Document:
    """The workload, with other values at some places."""
    held = copy.deepcopy(dict(values))
    for (*way, last), value in changes.items():
        above: Any = held
        for step in way:
            above = above[step]
        above[last] = value
    return Document(held)


def told(heard: Heard) -> list[object]:
    """All that reports say of a workload, and of which one."""
    rulings = [
        (each.rule.id, each.rank, each.severity, each.mode, each.finding, each.container_name, each.suppressed)
        for each in heard.rulings
    ]
    judged = heard.judged
    about = {(id(each.document), each.identity, id(each.judged)) for each in heard.rulings}
    assert judged is None or about <= {(id(judged.document), judged.identity, id(judged))}
    return [heard.standing, *rulings, judged and (judged.identity, judged.untold), heard.misread]


def judging(
    *,
    policy: GracePolicy = STRICT,
    neighbours: Neighbours = NOBODY,
    exceptions: Sequence[GraceException] = (),
    **images: Any,  # noqa: ANN401 - passed on
) -> Judging:
    """Judge by one policy."""
    return Judging([policy], RULES, neighbours, NOW, exceptions, **images)


def is_recalled(under: Judging, one: Document, other: Document) -> bool:
    """Whether the second is not judged for itself; what is told of it is the same either way."""
    alone = told(under._hear(other))
    under.hear(one)
    asked: list[Document] = []
    hear = under._hear

    def counted(document: Document) -> Heard:
        asked.append(document)
        return hear(document)

    under._hear = counted  # type: ignore[method-assign]
    assert alone == told(under.hear(other))
    return not asked


def test_other_names_and_versions_make_no_difference() -> None:
    """One service in many environments, or many services of one mould."""
    assert is_recalled(judging(policy=STANDARD), Document(WEB), changed(OTHER_NAMES))


@pytest.mark.parametrize(
    "changes",
    [
        {(*SERVER, "command"): ["gunicorn", "--bind=:8000", "shop.wsgi"]},
        {(*SERVER, "image"): "python:3.11-slim"},
        {(*SERVER, "image"): "registry.example.com/shop/web:latest"},
        {(*SERVER, "image"): "web:1.4.2"},
        {(*SERVER, "image"): "registry.example.com/shop/python:1.4.2"},
        {(*SERVER, "image"): "registry.example.com/shop/vllm:1.4.2"},
        {(*SERVER, "image"): "registry.example.com/distroless/web:1.4.2"},
        {(*SERVER, "image"): ""},
        {(*SERVER, "name"): "api"},
        {("metadata", "annotations"): {"gracekeeper.dev/exempt": "grace-period-too-short: known"}},
        {("spec", "replicas"): 3},
        {("kind",): "StatefulSet"},
    ],
    ids=[
        *("command", "base image", "moving tag", "Docker Hub", "Python", "numeric", "distroless", "no image"),
        *("container", "annotation", "replicas", "kind"),
    ],
)
def test_whatever_else_differs_keeps_them_apart(changes: Mapping[tuple[str | int, ...], object]) -> None:
    """Only names that tell nothing make no difference."""
    assert not is_recalled(judging(policy=STANDARD), Document(WEB), changed(changes))
    assert not is_recalled(judging(policy=STANDARD), changed(changes), Document(WEB))


def test_an_image_that_is_quoted_keeps_them_apart() -> None:
    """What is said of one cannot be said of the other."""
    newer = changed({(*SERVER, "image"): "registry.example.com/shop/web:1.5.0"})

    assert "shop/web:1.4.2" in str(told(judging().hear(Document(WEB))))
    assert not is_recalled(judging(), Document(WEB), newer)
    assert is_recalled(judging(), Document(WEB), changed({("metadata", "name"): "api"}))


def test_a_secret_among_the_labels_keeps_them_apart() -> None:
    """It is left out of what is told, wherever it stands."""
    token: dict[tuple[str | int, ...], object] = {("metadata", "labels"): {"auth-token": "gunicorn"}}

    assert not is_recalled(judging(), Document(WEB), changed(token))
    assert not is_recalled(judging(), changed(token), Document(WEB))


@pytest.mark.parametrize("name", [7, ["web"], {"web": "web"}], ids=["number", "list", "mapping"])
def test_a_misshapen_name_is_no_name(name: object) -> None:
    """Whoever reads the workload says what was expected."""
    assert not is_recalled(judging(), Document(WEB), changed({("metadata", "name"): name}))
    assert not is_recalled(judging(), Document(WEB), changed({("metadata", "labels"): {"app": name}}))


def test_a_service_keeps_them_apart() -> None:
    """It sends to one of them."""
    service = Document(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9000}]},
        }
    )
    neighbours, _ = neighbours_among([service])

    assert not is_recalled(judging(neighbours=neighbours), Document(WEB), changed(OTHER_NAMES))
    assert is_recalled(judging(neighbours=neighbours), Document(WEB), changed({("metadata", "name"): "api"}))


@pytest.mark.parametrize(
    "match",
    [
        Match(names=("web",)),
        Match(object_selector=LabelSelector({"app": "web"})),
        Match(namespace_selector=LabelSelector({"kubernetes.io/metadata.name": "shop"})),
    ],
    ids=["name", "labels", "namespace"],
)
def test_a_policy_that_chooses_by_names_keeps_them_apart(match: Match) -> None:
    """It means one of them."""
    policy = GracePolicy(profile=Profile.STRICT, scope=Scope.ALL, match=match)

    assert not is_recalled(judging(policy=policy), Document(WEB), changed(OTHER_NAMES))


def test_exceptions_keep_all_apart() -> None:
    """Each of them takes note of whom it silences."""
    document = Document({"apiVersion": "gracekeeper.dev/v1alpha1", "kind": "GraceException"})
    exception = GraceException(document, document.identity(), ("run-as-root",), Match(), "soon", date(2027, 1, 1))

    assert not is_recalled(judging(exceptions=[exception]), Document(WEB), changed(OTHER_NAMES))


def test_images_that_are_read_keep_versions_apart() -> None:
    """Another version is another image."""

    def images(reference: str) -> ImageConfig:
        return ImageConfig("registry", user="1000" if reference.endswith("1.4.2") else "root")

    new = changed({(*SERVER, "image"): "registry.example.com/shop/web:1.5.0"})

    assert not is_recalled(judging(policy=STANDARD, images=images), Document(WEB), new)
    assert is_recalled(judging(policy=STANDARD, images=images), Document(WEB), changed({("metadata", "name"): "api"}))


def test_images_of_which_nothing_is_known_are_alike_beside_others_that_are_read() -> None:
    """For the same reason; another reason is told in the summary."""

    def images(reference: str) -> Unknown:
        return Unknown("no Dockerfile is its" if "1.6" not in reference else "its Dockerfile is broken")

    new, broken = (changed({(*SERVER, "image"): f"registry.example.com/shop/web:{tag}"}) for tag in ("1.5.0", "1.6.0"))

    assert is_recalled(judging(policy=STANDARD, images=images), Document(WEB), new)
    assert not is_recalled(judging(policy=STANDARD, images=images), Document(WEB), broken)


@pytest.mark.parametrize("policy", [STANDARD, STRICT], ids=["standard", "strict"])
def test_real_workloads_under_other_names(corpus: Path, policy: GracePolicy) -> None:
    """Each gets from its twin's verdict what it would get for itself, whether it is recalled or not."""
    documents = [each for each in read([str(corpus)]).documents if each.kind in KINDS]
    recalled = [is_recalled(judging(policy=policy), each, twin) for each in documents for twin in twins(each)]

    assert len(recalled) > 100
    assert sum(recalled) > 0.6 * len(recalled)


def twins(document: Document) -> Iterator[Document]:
    """The same workload under another name, in another namespace, with other labels and images."""
    values: dict[str, Any] = copy.deepcopy(dict(document.values.items()))
    labels = {"app": "zz-other", "zz-tier": "zz"}
    template: Any = values
    for step in KINDS[document.kind][1]:
        template = template.get(str(step)) if isinstance(template, dict) else None
    if isinstance(values.get("metadata"), dict) and isinstance(template, dict):
        values["metadata"] |= {"name": "zz-twin", "namespace": "zz-elsewhere", "labels": labels}
        template["metadata"] = {**(template.get("metadata") or {}), "labels": labels}
        yield Document(copy.deepcopy(values), document.origin, document.index, document.base)
        for container in template["spec"].get("containers", ()):
            reference = ImageReference.parse(str(container.get("image")))
            if reference and reference.is_mere_name:
                container["image"] = "registry.example.com/zz/zz-twin:9.9.9"
        yield Document(values, document.origin, document.index, document.base)
