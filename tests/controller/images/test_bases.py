"""What the images say that others are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.images.bases import PATH, SCRATCH, Base, base
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTHON_PATH = f"/usr/local/bin:{PATH}"


def known(told: Base) -> Mapping[str, str]:
    """The variables whose value every release of the base gives alike."""
    return {name: value for name, value in told.environment.items() if isinstance(value, str)}


@pytest.mark.parametrize(
    ("reference", "distribution", "version"),
    [
        ("python:3.12", "debian", "3.12"),
        ("python:3.12-slim", "debian", "3.12"),
        ("python:3.12-slim-bookworm", "debian", "3.12"),
        ("python:3.12.7-bookworm", "debian", "3.12.7"),
        ("python:3.12-alpine", "alpine", "3.12"),
        ("python:3.12-alpine3.20", "alpine", "3.12"),
        ("python:3.15.0a1-slim", "debian", "3.15.0"),
        ("python:3.15-rc-alpine", "alpine", "3.15"),
        ("python:3", "debian", ""),
        ("python", "debian", ""),
        ("python:slim", "debian", ""),
        ("python:alpine", "alpine", ""),
        ("docker.io/library/python:3.11-slim", "debian", "3.11"),
        ("mirror.gcr.io/library/python:3.11-slim", "debian", "3.11"),
        ("public.ecr.aws/docker/library/python:3.11-slim", "debian", "3.11"),
        (f"python:3.11-slim@sha256:{'0' * 64}", "debian", "3.11"),
    ],
)
def test_the_official_python_starts_an_interpreter(reference: str, distribution: str, version: str) -> None:
    """As root, whatever the variant; the tag tells version and distribution."""
    told = base(reference)
    assert (told.entrypoint, told.command, told.user, told.working_dir) == ((), ("python3",), "", "")
    assert (told.distribution, told.python_version) == (distribution, version)
    assert told.shell is (Shell.ASH if distribution == "alpine" else Shell.DASH)
    assert known(told)["PATH"] == PYTHON_PATH


@pytest.mark.parametrize(
    ("reference", "variables"),
    [
        ("python:3.12.7-slim", {"PATH": PYTHON_PATH, "LANG": "C.UTF-8", "PYTHON_VERSION": "3.12.7"}),
        ("python:3.12-slim", {"PATH": PYTHON_PATH, "LANG": "C.UTF-8"}),
        ("python:3.13-slim", {"PATH": PYTHON_PATH}),
        ("python:3.14.0-alpine", {"PATH": PYTHON_PATH, "PYTHON_VERSION": "3.14.0"}),
        ("python:3", {"PATH": PYTHON_PATH}),
        ("python:3.15.0a1", {"PATH": PYTHON_PATH}),
    ],
)
def test_what_differs_between_releases_is_unknown(reference: str, variables: Mapping[str, str]) -> None:
    """LANG is set up to Python 3.12; which patch release a tag means changes by the month."""
    told = base(reference)
    assert known(told) == variables
    assert {"GPG_KEY", "PYTHON_SHA256", "PYTHON_VERSION"} <= set(told.environment)


@pytest.mark.parametrize("reference", ["python:3.6-onbuild", "python:3.12-windowsservercore", "python:3.12_x"])
def test_other_variants_of_python_are_unknown(reference: str) -> None:
    """They do more, or something else."""
    assert isinstance(base(reference).command, Unknown)


@pytest.mark.parametrize(
    ("reference", "below"),
    [
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "python:3.12-slim"),
        ("ghcr.io/astral-sh/uv:0.8.3-python3.13-alpine", "python:3.13-alpine"),
        ("astral/uv:0.8-python3.11-trixie", "python:3.11"),
        ("ghcr.io/astral-sh/uv:debian-slim", "debian"),
        ("ghcr.io/astral-sh/uv:alpine", "alpine"),
    ],
)
def test_the_image_of_uv_is_the_one_below_with_another_command(reference: str, below: str) -> None:
    """Its tag names the one below."""
    told, under = base(reference), base(below)
    assert (told.entrypoint, told.command) == ((), ("/usr/local/bin/uv",))
    assert (told.shell, told.distribution, told.python_version) == (
        under.shell,
        under.distribution,
        under.python_version,
    )
    assert known(told) == known(under)


@pytest.mark.parametrize("reference", ["ghcr.io/astral-sh/uv:latest", "ghcr.io/astral-sh/uv:0.8.3"])
def test_uv_alone_is_no_base(reference: str) -> None:
    """It is a program without a system."""
    assert isinstance(base(reference).command, Unknown)


@pytest.mark.parametrize(
    ("reference", "command", "distribution", "shell"),
    [
        ("debian:bookworm-slim", "bash", "debian", Shell.DASH),
        ("buildpack-deps:bookworm", "bash", "debian", Shell.DASH),
        ("ubuntu:24.04", "/bin/bash", "ubuntu", Shell.DASH),
        ("alpine:3.22", "/bin/sh", "alpine", Shell.ASH),
        ("registry.access.redhat.com/ubi9:latest", "/bin/bash", "rhel", Shell.BASH),
        ("registry.access.redhat.com/ubi9/ubi:9.4", "/bin/bash", "rhel", Shell.BASH),
        ("registry.redhat.io/ubi9/ubi-minimal", "/bin/bash", "rhel", Shell.BASH),
        ("registry.access.redhat.com/ubi9-minimal", "/bin/bash", "rhel", Shell.BASH),
    ],
)
def test_distributions_start_a_shell_as_root(reference: str, command: str, distribution: str, shell: Shell) -> None:
    """In no folder of their own."""
    told = base(reference)
    assert (told.entrypoint, told.command, told.user, told.working_dir) == ((), (command,), "", "")
    assert (told.distribution, told.shell) == (distribution, shell)


def test_red_hats_python_has_a_user_and_an_entrypoint() -> None:
    """And sets what Python cares about; the minimal one has no entrypoint."""
    told, minimal = (base(f"registry.access.redhat.com/ubi9/python-312{each}") for each in ("", "-minimal"))
    assert (told.entrypoint, minimal.entrypoint) == (("container-entrypoint",), ())
    assert (told.user, told.working_dir, told.exposed_ports) == ("1001", "/opt/app-root/src", ("8080/tcp",))
    assert (told.python_version, known(told)["PYTHONUNBUFFERED"]) == ("3.12", "1")
    assert base("registry.access.redhat.com/ubi8/python-39").python_version == "3.9"


@pytest.mark.parametrize(
    ("reference", "entrypoint", "user"),
    [
        ("gcr.io/distroless/python3-debian12", ("/usr/bin/python3.11",), "0"),
        ("gcr.io/distroless/python3-debian12:nonroot", ("/usr/bin/python3.11",), "65532"),
        ("gcr.io/distroless/python3-debian13:debug-nonroot", ("/usr/bin/python3.13",), "65532"),
    ],
)
def test_distroless_python_is_its_own_entrypoint(reference: str, entrypoint: tuple[str, ...], user: str) -> None:
    """The tag decides the user; there is no shell."""
    told = base(reference)
    assert (told.entrypoint, told.user, told.shell) == (entrypoint, user, None)


def test_which_python_is_unknown_where_distroless_does_not_name_its_debian() -> None:
    """It is the newest, whichever that is."""
    assert isinstance(base("gcr.io/distroless/python3").entrypoint, Unknown)


def test_nothing_lies_below_scratch() -> None:
    """But for the PATH that builders set."""
    assert base("scratch") == SCRATCH
    assert SCRATCH == Base()


@pytest.mark.parametrize("reference", ["corp.example/python:3.12", "mypython:3.12", "corp.example/ubi9/python-312"])
def test_an_image_of_somebodys_own_is_unknown(reference: str) -> None:
    """Whatever its name reminds of."""
    told = base(reference)
    reason = Unknown(f"the configuration of its base image {reference} is not known")
    assert (told.entrypoint, told.command, told.user, told.unseen) == (reason, reason, reason, reason)


def test_what_is_no_reference_is_told_as_such() -> None:
    """Such as a template's placeholder."""
    assert base("{{ base }}").unseen == Unknown("its base image `{{ base }}` is no image reference")
