"""What the images say that others are made from: a table, since none of them is at hand where a Dockerfile is read.

Each row follows what its makers publish, as of `AS_OF`: docker-library/python, the base images of Debian, Ubuntu and
Alpine, Red Hat's UBI with sclorg/s2i-base-container and s2i-python-container, GoogleContainerTools/distroless and
astral-sh/uv. What differs from release to release is unknown, and so is all of an image that has no row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.provenance import Unknown, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AS_OF: Final = "2026-11-23"
"""When the rows were last compared with their makers' sources."""

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of nearly every image, and what BuildKit sets where there is no base."""

_OF_THE_RELEASE: Final = Unknown("it differs between releases of the base image")
_WITH_LANG: Final = (3, 12)
"""The last Python whose official image sets LANG."""


class Base(Struct, frozen=True):
    """What an image has from its base. `unseen` says why further variables may be set; None where they are all told."""

    entrypoint: tuple[str, ...] | Unknown = ()
    command: tuple[str, ...] | Unknown = ()
    environment: Mapping[str, str | Unknown] = field(default_factory=lambda: {"PATH": PATH})
    unseen: Unknown | None = None
    user: str | Unknown = ""
    working_dir: str | Unknown = ""
    stop_signal: str | Unknown = "SIGTERM"
    exposed_ports: tuple[str, ...] = ()
    shell: Shell | None = None
    distribution: str = ""
    python_version: str = ""


SCRATCH: Final = Base()
"""No base at all."""


def base(text: str) -> Base:
    """What the image of this reference gives to those made from it."""
    if text == "scratch":
        return SCRATCH
    reference = ImageReference.parse(text)
    if reference is None:
        return unknown_base(Unknown(f"its base image `{spoken(text)}` is no image reference"))
    # A mirror of Docker Hub keeps the name `library`.
    name = _MIRRORED.sub("docker.io/", f"{reference.registry}/{reference.repository}")
    for pattern, told in _ROWS:
        match = pattern.fullmatch(name)
        found = told(reference, match) if match else None
        if found is not None:
            return found
    return unknown_base(Unknown(f"the configuration of its base image {spoken(text)} is not known"), reference.shell)


def unknown_base(reason: Unknown, shell: Shell | None = None) -> Base:
    """What can be told where the base cannot: nothing, but for a shell that its name tells."""
    return Base(reason, reason, {}, reason, reason, reason, reason, shell=shell)


_MIRRORED: Final = re.compile(r".+/library/")
_VERSION: Final = r"(?P<version>\d+(?:\.\d+){0,2})(?P<pre>(?:a|b|rc)\d+|-rc)?"
_PYTHON_TAG: Final = re.compile(rf"(?:{_VERSION}|latest|rc)?(?:(?:^|-)(?P<variant>[a-z][a-z0-9.-]*))?")


def _python(reference: ImageReference, _: re.Match[str]) -> Base | None:
    return _python_of(reference.tag or "latest")


def _python_of(tag: str) -> Base | None:
    """The official image: of each version one on Debian, a slim one, and one on Alpine."""
    match = _PYTHON_TAG.fullmatch(tag)
    if match is None:
        return None
    version, variant = match["version"] or "", match["variant"] or ""
    if "onbuild" in variant or "windows" in variant:
        return None
    alpine = variant.startswith("alpine")
    return Base(
        command=("python2",) if version.startswith("2") else ("python3",),
        environment=_python_environment(version, bool(match["pre"])),
        shell=Shell.ASH if alpine else Shell.DASH,
        distribution="alpine" if alpine else "debian",
        python_version=version if "." in version else "",
    )


def _python_environment(version: str, preliminary: bool) -> dict[str, str | Unknown]:  # noqa: FBT001 - read from a tag
    numbers = tuple(map(int, version.split("."))) if version else ()
    exact = len(numbers) == len(("major", "minor", "patch")) and not preliminary
    environment: dict[str, str | Unknown] = dict.fromkeys(_MADE_WITH, _OF_THE_RELEASE)
    environment["PATH"] = f"/usr/local/bin:{PATH}"
    environment["PYTHON_VERSION"] = version if exact else _OF_THE_RELEASE
    if len(numbers) == 1 or not numbers:
        environment["LANG"] = _OF_THE_RELEASE
    elif numbers[:2] <= _WITH_LANG:
        environment["LANG"] = "C.UTF-8"
    return environment


_MADE_WITH: Final = (
    "GPG_KEY",
    "PYTHON_GET_PIP_SHA256",
    "PYTHON_GET_PIP_URL",
    "PYTHON_PIP_VERSION",
    "PYTHON_SETUPTOOLS_VERSION",
    "PYTHON_SHA256",
)
"""What official images were built with, in some of their releases."""

_UV_TAG: Final = re.compile(r"(?:\d+(?:\.\d+){0,2}-)?(?P<rest>(?:python|alpine|debian|bookworm|trixie).*)")
_UV_PYTHON: Final = re.compile(r"python(?P<version>\d+\.\d+)-(?P<variant>[a-z0-9.-]+)")


def _uv(reference: ImageReference, _: re.Match[str]) -> Base | None:
    """The image of uv, laid over the one that its tag names; without such a tag it is uv alone."""
    match = _UV_TAG.fullmatch(reference.tag)
    if match is None:
        return None
    python = _UV_PYTHON.fullmatch(match["rest"])
    below = _python_of(f"{python['version']}-{python['variant']}") if python else _distribution_of_uv(match["rest"])
    if below is None:
        return None
    # Set since uv 0.8.
    environment = {**below.environment, "UV_TOOL_BIN_DIR": _OF_THE_RELEASE}
    return Base(
        command=("/usr/local/bin/uv",),
        environment=environment,
        shell=below.shell,
        distribution=below.distribution,
        python_version=below.python_version,
    )


def _distribution_of_uv(variant: str) -> Base | None:
    return _ALPINE if variant.startswith("alpine") else _DEBIAN


_DEBIAN: Final = Base(command=("bash",), shell=Shell.DASH, distribution="debian")
_ALPINE: Final = Base(command=("/bin/sh",), shell=Shell.ASH, distribution="alpine")
_UBUNTU: Final = Base(command=("/bin/bash",), shell=Shell.DASH, distribution="ubuntu")
_UBI: Final = Base(
    command=("/bin/bash",), environment={"PATH": PATH, "container": "oci"}, shell=Shell.BASH, distribution="rhel"
)


def _always(told: Base) -> Callable[[ImageReference, re.Match[str]], Base]:
    return lambda _, __: told


_ROOT: Final = "/opt/app-root"
_UBI_HOME: Final = f"{_ROOT}/src"


def _ubi_python(_: ImageReference, match: re.Match[str]) -> Base:
    """Red Hat's image of Python: a user of its own, an entrypoint that sets up its environment, and much in ENV."""
    version = f"{match['version'][0]}.{match['version'][1:]}"
    minimal = bool(match["minimal"])
    path = f"{_ROOT}/bin:{_UBI_HOME}/bin:{_UBI_HOME}/.local/bin:{PATH}"
    full_path = f"{_UBI_HOME}/.local/bin/:{_UBI_HOME}/bin:{_ROOT}/bin:{PATH}"
    return Base(
        entrypoint=() if minimal else ("container-entrypoint",),
        command=("/bin/sh", "-c", "$STI_SCRIPTS_PATH/usage"),
        environment={
            **dict.fromkeys(("SUMMARY", "DESCRIPTION", "PLATFORM", "NAME", "VERSION", "NODEJS_VER"), _OF_THE_RELEASE),
            **dict.fromkeys(("CNB_STACK_ID", "CNB_USER_ID", "CNB_GROUP_ID", "STI_SCRIPTS_URL"), _OF_THE_RELEASE),
            "container": "oci",
            "PATH": path if minimal else full_path,
            "PYTHON_VERSION": version,
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "UTF-8",
            "LC_ALL": "en_US.UTF-8",
            "LANG": "en_US.UTF-8",
            "PIP_NO_CACHE_DIR": "off",
            "STI_SCRIPTS_PATH": "/usr/libexec/s2i",
            "APP_ROOT": _ROOT,
            "HOME": _UBI_HOME,
            "BASH_ENV": f"{_ROOT}/bin/activate",
            "ENV": f"{_ROOT}/bin/activate",
            "PROMPT_COMMAND": f". {_ROOT}/bin/activate",
        },
        user="1001",
        working_dir=_UBI_HOME,
        exposed_ports=("8080/tcp",),
        shell=Shell.BASH,
        distribution="rhel",
        python_version=version,
    )


_DISTROLESS_PYTHON: Final = {"debian11": "3.9", "debian12": "3.11", "debian13": "3.13"}


def _distroless_python(reference: ImageReference, match: re.Match[str]) -> Base:
    """Python without a shell: the interpreter is the entrypoint."""
    version = _DISTROLESS_PYTHON.get(match["debian"] or "", "")
    nonroot, debug = "nonroot" in reference.tag, "debug" in reference.tag
    return Base(
        entrypoint=(f"/usr/bin/python{version}",) if version else _OF_THE_RELEASE,
        environment={
            "PATH": f"{PATH}:/busybox" if debug else PATH,
            "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
            "LANG": "C.UTF-8",
        },
        user="65532" if nonroot else "0",
        working_dir="/home/nonroot" if nonroot else "/",
        distribution="distroless",
        python_version=version,
    )


_UBI_REGISTRY: Final = r"(?:registry\.access\.redhat\.com|registry\.redhat\.io)"
_ROWS: Final = (
    (re.compile(r"docker\.io/python"), _python),
    (re.compile(r"ghcr\.io/astral-sh/uv|docker\.io/astral/uv"), _uv),
    (re.compile(r"docker\.io/(?:debian|buildpack-deps)"), _always(_DEBIAN)),
    (re.compile(r"docker\.io/ubuntu"), _always(_UBUNTU)),
    (re.compile(r"docker\.io/alpine"), _always(_ALPINE)),
    (re.compile(rf"{_UBI_REGISTRY}/ubi\d+(?:/ubi(?:-minimal)?)?|{_UBI_REGISTRY}/ubi\d+-minimal"), _always(_UBI)),
    (
        re.compile(rf"{_UBI_REGISTRY}/ubi\d+/python-(?P<version>\d{{2,3}})(?P<minimal>-minimal)?"),
        _ubi_python,
    ),
    (re.compile(r"gcr\.io/distroless/python3(?:-(?P<debian>debian\d+))?"), _distroless_python),
)
