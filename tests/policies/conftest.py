"""What the tests of the policies share: manifests as short texts, and what the policies make of them."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest
import yaml

from gracekeeper.policyfiles.reading import Reader
from gracekeeper_policies.boundary import Misreadings
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from gracekeeper_policies.judge import judge, no_images
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.neighbours import Neighbours, neighbours_among
from gracekeeper_policies.policy import GracePolicy, Profile
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.provenance import Unknown, Word
from gracekeeper_policies.timeline import Timeline, timelines_of
from gracekeeper_policies.workload import Workload, read_workload

if TYPE_CHECKING:
    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.process.image import ImageConfig
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.verdict import Verdict

DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
"""

NOW: Final = date(2026, 11, 22)
UNREAD: Final = no_images("app")

ReadDocuments = Callable[[str], list[Document]]
Words = Callable[[str], tuple[Word, ...]]


class ReadWorkload(Protocol):
    """Reads a workload; its ConfigMaps, Services and LimitRanges stand behind `---`."""

    def __call__(self, text: str, kubernetes: str = str(ASSUMED)) -> Workload:
        """A pod-spec fragment stands for a Deployment `web` in the namespace `shop`."""


class ReadProcess(Protocol):
    """Reads what runs in the first container of a pod."""

    def __call__(self, text: str, image: ImageConfig | Unknown = ...) -> PythonProcess:
        """`image` is what is known of every image."""


class Judge(Protocol):
    """Judges all documents of a text under every rule."""

    def __call__(self, text: str, *policies: GracePolicy, image: ImageConfig | Unknown = ...) -> Verdict:
        """Without a policy: the strict profile, for every workload; `image` is what is known of every image."""


def _documents(text: str) -> list[Document]:
    loaded = yaml.safe_load_all(textwrap.dedent(text))
    return [Document(values, "", index) for index, values in enumerate(loaded)]


def _manifests(text: str) -> list[Document]:
    spec, *others = textwrap.dedent(text).strip("\n").split("\n---\n")
    if not spec.startswith("apiVersion:"):
        spec = DEPLOYMENT + textwrap.indent(spec, " " * 6)
    return _documents("\n---\n".join([spec, *others]))


def _neighbours(documents: list[Document]) -> Neighbours:
    neighbours, misread = neighbours_among(documents)
    assert misread == ()
    return neighbours


def _workload(text: str, kubernetes: str = str(ASSUMED)) -> Workload:
    documents = _manifests(text)
    found = read_workload(documents[0], _neighbours(documents), kubernetes=KubernetesVersion.parse(kubernetes), now=NOW)
    assert not isinstance(found, Misreadings), found
    return found


def _process(text: str, image: ImageConfig | Unknown = UNREAD) -> PythonProcess:
    return PodProcesses(_workload(text), lambda _: image).all[0]


def _exceptions(documents: list[Document]) -> list[GraceException]:
    reader = Reader(RULES, "default")
    reader.take(document for document in documents if document.kind == "GraceException")
    assert reader.result.misread == []
    return reader.result.exceptions


def _verdict(text: str, *policies: GracePolicy, image: ImageConfig | Unknown = UNREAD) -> Verdict:
    documents = _manifests(text)
    return judge(
        documents,
        policies=policies or [STRICT],
        rules=RULES,
        neighbours=_neighbours(documents),
        now=NOW,
        exceptions=_exceptions(documents),
        images=no_images if image is UNREAD else lambda _: image,
    )


STRICT: Final = GracePolicy(name="test", profile=Profile.STRICT)


@pytest.fixture(scope="session")
def documents() -> ReadDocuments:
    """Reads the objects of a YAML text."""
    return _documents


@pytest.fixture(scope="session")
def manifests() -> ReadDocuments:
    """Reads a pod-spec fragment as a Deployment, and what stands behind `---` beside it."""
    return _manifests


@pytest.fixture(scope="session")
def workload() -> ReadWorkload:
    """Reads the first document as a workload and the rest as its neighbours."""
    return _workload


@pytest.fixture(scope="session")
def process() -> ReadProcess:
    """Reads what runs in a pod's first container."""
    return _process


@pytest.fixture(scope="session")
def started() -> Callable[..., PythonProcess]:
    """Reads what runs in a container with a command line, spelled as in a shell, of an image."""

    def _started(command: str, image: str = "shop/web:1.4.2", **pod: Any) -> PythonProcess:  # noqa: ANN401
        spec = {**pod, "containers": [{"name": "web", "image": image, "command": shlex.split(command)}]}
        return _process(yaml.safe_dump(spec))

    return _started


@pytest.fixture(scope="session")
def timelines() -> Callable[..., dict[str, Timeline]]:
    """Lays out the timelines of a pod, by the names of its containers."""

    def _timelines(text: str, kubernetes: str = str(ASSUMED)) -> dict[str, Timeline]:
        pod = PodProcesses(_workload(text, kubernetes), no_images)
        return {timeline.container.name: timeline for timeline in timelines_of(pod)}

    return _timelines


@pytest.fixture(scope="session")
def verdict() -> Judge:
    """Judges a pod-spec fragment with what stands beside it."""
    return _verdict


@pytest.fixture(scope="session")
def found() -> Callable[..., set[str]]:
    """Names the rules that find something in a manifest and are not silenced."""

    def _found(text: str, *policies: GracePolicy) -> set[str]:
        return {ruling.rule.id for ruling in _verdict(text, *policies).rulings if ruling.suppressed is None}

    return _found


@pytest.fixture(scope="session")
def words() -> Words:
    """Splits a command line into words as a shell does."""
    return lambda line: tuple(Word(text) for text in shlex.split(line))
