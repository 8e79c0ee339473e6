"""What an image adds to a container, and what its reference alone tells.

References are parsed by the distribution grammar (`distribution/reference`): `registry:5000/app` has a port and no tag.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper_policies.process.shell.dialect import SIGNAL_NUMBERS, Shell
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREAD: Final = Unknown("the image was not read")
"""What is known of an image where nobody was asked about it."""

OF_IMAGE: Final = "image: "
"""How the source of what an image says begins."""

_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REST: Final = re.compile(
    rf"(?P<repository>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z"
)
_HOST_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_REGISTRY: Final = re.compile(rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?\Z")
_DEFAULT_REGISTRY: Final = "docker.io"
_UID: Final = re.compile(r"[0-9]{0,19}")
_PYTHON_TAG: Final = re.compile(r"(\d{1,2})\.(\d{1,3})(?![0-9])")


class ImageConfig(Struct, frozen=True):
    """An image's configuration, as its archive or its Dockerfile tells it; what of it cannot be told is Unknown.

    `tier` says in words who tells it (`archive web.tar`, `web/Dockerfile`), `places` where a field or
    `environment.NAME` is written (`web/Dockerfile:12`). `doubt` is empty, or says why all of it may be another image's;
    `environment_doubt`, why further variables may be set (by an unknown base). `user` stands as it is written
    (`1000`, `app:app`; empty for root), `exposed_ports` with their protocol (`8000/tcp`), `layer_sizes` are bytes as
    stored. `distribution` (`debian`, `alpine`, …) and `python_version` (`3.12.7`) are empty where they cannot be told.
    `files` are texts that the image holds, by absolute path: scripts and settings of the repository it is built from.
    """

    tier: str
    doubt: str = ""
    entrypoint: tuple[str, ...] | Unknown = ()
    command: tuple[str, ...] | Unknown = ()
    environment: Mapping[str, str | Unknown] = field(default_factory=dict)
    environment_doubt: str = ""
    user: str | Unknown = ""
    working_dir: str | Unknown = ""
    stop_signal: str | Unknown = "SIGTERM"
    exposed_ports: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    layer_sizes: tuple[int, ...] = ()
    shell: Shell | None = None
    distribution: str = ""
    python_version: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def source(self, name: str) -> str:
        """Where a field, or `environment.NAME`, was read, as evidence says it: `image: web/Dockerfile:12`."""
        place = self.places.get(name)
        return f"{OF_IMAGE}{place}" if place else f"{OF_IMAGE}{self.tier}, {name.rpartition('.')[2]}"

    @property
    def texts(self) -> tuple[object, ...]:
        """What of it may hold secrets: variables, files and words."""
        words = (each for each in (self.entrypoint, self.command) if not isinstance(each, Unknown))
        return dict(self.environment), dict(self.files), *words

    @property
    def tcp_ports(self) -> frozenset[int]:
        """The ports that it says it listens on."""
        split = (port.partition("/") for port in self.exposed_ports)
        return frozenset(int(number) for number, _, protocol in split if number.isdecimal() and protocol in ("", "tcp"))

    @property
    def uid(self) -> int | Unknown | None:
        """The user's number, 0 where it names none; None for a user that is a name, which the kubelet cannot judge."""
        if isinstance(self.user, Unknown):
            return self.user
        return int(self.user_name or 0) if _UID.fullmatch(self.user_name) else None

    @property
    def user_name(self) -> str:
        """The user without its group; empty where it names none, or nobody can tell."""
        return "" if isinstance(self.user, Unknown) else self.user.partition(":")[0]

    @property
    def signal(self) -> str | Unknown:
        """The stop signal by its name, however it is written: `SIGTERM` for `15`, `term` and nothing."""
        if isinstance(self.stop_signal, Unknown):
            return self.stop_signal
        name = self.stop_signal.upper().removeprefix("SIG") or "TERM"
        return f"SIG{SIGNAL_NUMBERS.get(name.lstrip('0'), name)}"


class UnreadImage(Unknown, frozen=True):
    """An image that was not read, while the sources that it is built from were.

    `sources` are their texts, by paths from the folder that the program starts in; `folder` is where they lie, as it is
    printed. `doubt` is empty, or says why the image may be built from others.
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    doubt: str = ""

    @property
    def texts(self) -> tuple[object, ...]:
        """What of it may hold secrets."""
        return (dict(self.sources),)


class ImageReference(Struct, frozen=True):
    """A parsed image reference; tag and digest are empty where absent."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @staticmethod
    @remembered(1024)
    def parse(text: str) -> ImageReference | None:
        """Read a reference; None for what the grammar refuses, such as a template's placeholder."""
        registry, rest = _split_registry(text)
        match = _REST.match(rest)
        if match is None or not _REGISTRY.match(registry):
            return None
        return ImageReference(registry, match["repository"], match["tag"] or "", match["digest"] or "")

    @property
    def name(self) -> str:
        """The repository without Docker Hub's implied `library/`: `python`, `bitnami/redis`."""
        return self.repository.removeprefix("library/")

    @property
    def may_be_stand_in(self) -> bool:
        """Whether it is a bare word without image on Docker Hub, which kustomize or Skaffold replaces."""
        is_bare = not (self.tag or self.digest) and self.registry == _DEFAULT_REGISTRY and "/" not in self.name
        return is_bare and self.name not in _OFFICIAL

    @property
    def is_official(self) -> bool:
        """Whether it is one of Docker's official images on Docker Hub, which nobody else builds."""
        return self.registry == _DEFAULT_REGISTRY and self.name in _OFFICIAL

    @property
    def is_official_python(self) -> bool:
        """Whether it is Docker's official image of Python, from Docker Hub or from a mirror of its library."""
        return (self.registry, self.name) == (_DEFAULT_REGISTRY, "python") or self.repository.endswith(
            "/library/python"
        )

    @property
    def is_distroless(self) -> bool:
        """Whether it has no shell and no tools, by its name."""
        if "debug" in self.tag or self.tag.endswith("-dev"):
            return False
        return "distroless" in self.repository or "distroless" in self.tag or self.registry == "cgr.dev"

    @property
    def python(self) -> tuple[int, int] | None:
        """The Python that an official image's tag names, such as 3.12; None where it names none, or not which minor."""
        named = _PYTHON_TAG.match(self.tag) if self.is_official_python else None
        return (int(named[1]), int(named[2])) if named else None

    @property
    def computes_with(self) -> str:
        """The numeric library that its name speaks of; empty where it speaks of none."""
        found = NUMERIC.search(self.repository.rpartition("/")[2])
        return found[0] if found else ""

    @property
    def is_mere_name(self) -> bool:
        """Whether nothing is told by it: a released version of an image of somebody's own, on a registry of their own.

        Two such images differ in nothing that rules ask of a reference.
        """
        of_their_own = self.registry not in _TELLING_REGISTRIES and not _TELLING.search(self.repository)
        plain = not self.digest and _VERSION.fullmatch(self.tag) is not None
        return of_their_own and plain and self.shell is None and not self.computes_with

    @property
    def shell(self) -> Shell | None:
        """Which shell `sh` is in this image, where the reference tells; None where it does not."""
        if self.registry == _DEFAULT_REGISTRY and self.name in _TAGGED_BASES:
            return Shell.ASH if "alpine" in self.tag else Shell.DASH
        if re.search(r"(?:^|[-_.])alpine(?:$|[-_.\d])", self.tag) or self.name == "alpine":
            return Shell.ASH
        return next(
            (shell for pattern, shell in _BASES if pattern.search(f"{self.registry}/{self.name}:{self.tag}")), None
        )


# Docker's official images: the only ones on Docker Hub that have no owner in their name.
_OFFICIAL: Final = frozenset(
    """adminer almalinux alpine amazonlinux buildpack-deps busybox caddy cassandra clojure consul couchbase couchdb
    debian docker drupal eclipse-mosquitto eclipse-temurin elasticsearch elixir erlang fedora ghost golang gradle
    groovy haproxy haskell hello-world httpd influxdb joomla julia kibana kong logstash mariadb maven memcached mongo
    mongo-express mysql nats neo4j nextcloud nginx node odoo openjdk oraclelinux percona perl php postgres pypy python
    r-base rabbitmq redis rockylinux ruby rust solr sonarqube swift telegraf tomcat traefik ubuntu vault wordpress
    zookeeper""".split()
)
NUMERIC: Final = re.compile(
    r"(?<![a-z])(?:accelerate|deepspeed|dask|jax|jupyter|jupyterlab|lightgbm|numpy|onnxruntime|pytorch|scikit-learn"
    r"|scipy-notebook|sglang|sklearn|tensorflow|torch|torchrun|torchserve|transformers|vllm|xgboost)(?![a-z])"
)
"""Libraries, and programs made of them, that compute with many threads."""

_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+|[0-9a-f]{7,40}")
_TELLING: Final = re.compile(r"python|pypy|alpine|distroless")
_TELLING_REGISTRIES: Final = frozenset({_DEFAULT_REGISTRY, "cgr.dev"})

# Official images whose variants without `alpine` in their tag are Debian's.
_TAGGED_BASES: Final = frozenset({"python", "pypy", "debian", "ubuntu"})
_BASES: Final = (
    (re.compile(r"/(?:ubi\d|fedora|centos|rockylinux|almalinux|amazonlinux|oraclelinux)\b"), Shell.BASH),
    (re.compile(r"[-:.](?:slim-)?(?:bookworm|bullseye|trixie|buster|jammy|noble|focal|debian-\d+)\b"), Shell.DASH),
    (re.compile(r"^docker\.io/tiangolo/"), Shell.DASH),
)


def _split_registry(text: str) -> tuple[str, str]:
    # What stands before the first slash is a registry only where it cannot be a part of a name.
    first, slash, rest = text.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return _DEFAULT_REGISTRY, text
    return _DEFAULT_REGISTRY if first == "index.docker.io" else first, rest
