"""What we read in a Dockerfile is what a builder makes of it: field by field, and file by file.

Where buildah differs from BuildKit, which most people build with, we follow BuildKit, and nothing of it stands here:
buildah leaves SHELL out of CMD and ENTRYPOINT, takes a range of ports for one, forgets arguments of the stage below,
and knows no here-documents before its version 1.33.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec import Struct, field

from gracekeeper.images.dockerfile import read_dockerfile
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Unknown
from tests.image.stand_ins import STAND_INS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.image.builder import Builder

pytestmark = pytest.mark.image

TAG: Final = "localhost/told:test"


class Case(Struct, frozen=True):
    """A Dockerfile with the files beside it. `unknown` are the fields that it cannot tell, `held` the files it does."""

    text: str
    files: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


CASES: Final = {
    "a web application as most people write it": Case(
        """\
FROM python:3.12.7-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements.txt .
COPY . .
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "shop.wsgi:application"]
""",
        {"requirements.txt": "gunicorn", "shop/wsgi.py": "application = None"},
    ),
    "a command that a shell runs": Case(
        """\
FROM python:3.12.7-slim-bookworm
ENV PORT 8080
EXPOSE $PORT
CMD exec gunicorn --bind :$PORT --workers 1 --threads 8 --timeout 0 main:app
"""
    ),
    "an entrypoint script of the repository": Case(
        """\
FROM python:3.12.7-slim-bookworm
WORKDIR /srv/app
COPY --chmod=755 deploy/entrypoint.sh /usr/local/bin/
COPY src/ ./src
ENTRYPOINT ["entrypoint.sh"]
CMD ["web"]
STOPSIGNAL SIGINT
""",
        {"deploy/entrypoint.sh": '#!/bin/sh\nexec "$@"\n', "src/run.sh": "exec true\n", "src/main.py": ""},
        held=frozenset({"/usr/local/bin/entrypoint.sh", "/srv/app/src/run.sh"}),
    ),
    "two stages, and a virtual environment copied": Case(
        """\
FROM python:3.12.7-slim-bookworm AS build
ENV BUILT=yes
WORKDIR /build
COPY start.sh app.conf ./
USER 4242
CMD ["build"]

FROM python:3.12.7-slim-bookworm AS run
COPY --from=build /build/start.sh /opt/start.sh
ENV PATH="/opt/venv/bin:$PATH"
USER 1000:1000
CMD ["/opt/start.sh"]
""",
        {"start.sh": "exec uvicorn app:app\n", "app.conf": "x"},
        held=frozenset({"/opt/start.sh"}),
    ),
    "a stage upon a stage": Case(
        """\
FROM python:3.12.7-slim-bookworm AS base
ENV A=1
USER app
WORKDIR /srv
EXPOSE 80/udp
ENTRYPOINT ["tini", "--"]
CMD ["first"]
FROM base AS middle
ENV B=${A}2
FROM middle
WORKDIR app
EXPOSE 81
CMD ["second"]
"""
    ),
    "a stage that is named as the target": Case(
        """\
FROM debian:bookworm-slim AS base
LABEL stage=base
FROM base AS web
LABEL stage=web
CMD ["web"]
FROM base AS worker
CMD ["worker"]
""",
        target="web",
    ),
    "arguments before the first stage and in it": Case(
        """\
ARG PYTHON=3.12.7
ARG VARIANT=-slim-bookworm
FROM python:${PYTHON}${VARIANT}
ARG PYTHON
ARG VERSION=dev
ENV PYTHON_USED=$PYTHON VERSION=${VERSION}
LABEL version="$VERSION"
"""
    ),
    "arguments that are given": Case(
        """\
FROM debian:bookworm-slim
ARG UID
ARG MODE=debug
ENV MODE=$MODE
USER ${UID}
WORKDIR /home/$UID
""",
        given={"UID": "1234", "MODE": "release"},
    ),
    "variables in every form": Case(
        """\
FROM debian:bookworm-slim
ENV A=a EMPTY="" QUOTED="two  words" SINGLE='$A' ESCAPED=\\$A SPACED=two\\ words
ENV B=${A}b C=${MISSING:-default} D=${A:-default} E=${A:+other} F=${MISSING:+other}
ENV G="$A $B" H=$MISSING-end
ENV OLD style with  spaces
ENV A=first AFTER=$A
LABEL "a label"="of $A" other=${C}
USER ${A:-nobody}
"""
    ),
    "working directories upon one another": Case(
        """\
FROM debian:bookworm-slim
ENV HOME=/home/app
WORKDIR $HOME
WORKDIR src/../code
COPY start.sh ./
COPY start.sh bin/
CMD ["./start.sh"]
""",
        {"start.sh": "exec true\n"},
        held=frozenset({"/home/app/code/start.sh", "/home/app/code/bin/start.sh"}),
    ),
    "ports of all kinds": Case(
        """\
FROM debian:bookworm-slim
ENV PORT=9000
EXPOSE 8000 8001/tcp 53/udp $PORT
"""
    ),
    "another shell, which is not asked": Case(
        """\
FROM debian:bookworm-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
CMD ["uvicorn", "app:app"]
"""
    ),
    "an entrypoint takes the base's command away": Case(
        """\
FROM python:3.12.7-slim-bookworm
ENTRYPOINT ["python", "-m", "shop"]
"""
    ),
    "an entrypoint after the command": Case(
        """\
FROM python:3.12.7-slim-bookworm
CMD ["--workers=2"]
ENTRYPOINT ["gunicorn", "app:app"]
"""
    ),
    "lists that are none, comments and continued lines": Case(
        """\
# syntax=docker/dockerfile:1
from debian:bookworm-slim
# a comment
env A=1 \\
    # a comment within
    B=2

CMD ['gunicorn', \\
     'app:app']
"""
    ),
    "Alpine, and what is ignored": Case(
        """\
FROM python:3.14-alpine
WORKDIR /srv
COPY . .
ENTRYPOINT ["sh", "scripts/start.sh"]
""",
        {
            ".dockerignore": "**/secret*\nscripts/local\n!scripts/secret-kept.sh\n",
            "scripts/start.sh": "exec true\n",
            "scripts/secret.sh": "no\n",
            "scripts/secret-kept.sh": "yes\n",
            "scripts/local/dev.sh": "no\n",
        },
        held=frozenset({"/srv/scripts/start.sh", "/srv/scripts/secret-kept.sh"}),
    ),
    "uv's own image": Case(
        """\
FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim
ENV UV_COMPILE_BYTECODE=1 PATH="/app/.venv/bin:$PATH"
WORKDIR /app
CMD ["uv", "run", "uvicorn", "app:app"]
"""
    ),
    "Red Hat's image of Python": Case(
        """\
FROM registry.access.redhat.com/ubi9/python-312
COPY run.sh ${APP_ROOT}/
CMD ["sh", "/opt/app-root/run.sh"]
""",
        {"run.sh": "exec true\n"},
        held=frozenset({"/opt/app-root/run.sh"}),
    ),
    "an image without a shell": Case(
        """\
FROM debian:bookworm-slim AS build
FROM gcr.io/distroless/python3-debian12:nonroot
COPY app /app
WORKDIR /app
CMD ["main.py"]
""",
        {"app/main.py": "import app"},
        held=frozenset({"/app/main.py"}),
    ),
    "a base that nobody knows": Case(
        """\
FROM corp.example/platform/python:3
ENV A=1
LABEL team=shop
EXPOSE 8000
CMD ["serve"]
""",
        unknown=frozenset({"entrypoint", "user", "working_dir", "stop_signal"}),
    ),
    "a base that nobody knows, and all said anew": Case(
        """\
FROM corp.example/platform/python:3
ENV PATH=/bin
USER 1000
WORKDIR /srv
STOPSIGNAL SIGTERM
ENTRYPOINT ["serve"]
"""
    ),
    "Ubuntu": Case("FROM ubuntu:24.04\nLABEL a=b\nUSER www-data:www-data\n"),
    "nothing said at all": Case("FROM alpine:3.22\n"),
    "triggers for those who build upon it": Case(
        """\
FROM debian:bookworm-slim
ONBUILD USER nobody
ONBUILD CMD ["later"]
HEALTHCHECK --interval=5s CMD true
VOLUME /data
MAINTAINER somebody
RUN useradd --uid 1500 app && mkdir /made
USER app
"""
    ),
}


@pytest.fixture(scope="module")
def bases(builder: Builder, base: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The images that others are made from, under their names."""
    folder = tmp_path_factory.mktemp("stand-ins")
    for name, configuration in STAND_INS.items():
        # Only one of them runs anything while something is built upon it.
        files = "/" if name == WHOLE else "/etc/"
        (folder / "Dockerfile").write_text(
            f"FROM scratch\nCOPY --from={base} {files} {files}\n{configuration}", "utf-8"
        )
        builder("build", "--isolation=chroot", f"--tag={name}", folder)


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    """One Dockerfile, with its files in the test's folder."""
    asked: Case = request.param
    for name, content in {**asked.files, "Dockerfile": asked.text}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return asked


@pytest.fixture
def built(builder: Builder, bases: None, case: Case, tmp_path: Path) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    """What buildah made of it, without what it says of itself; `root` is where its files are."""
    arguments = [f"--build-arg={name}={value}" for name, value in case.given.items()]
    arguments += [f"--target={case.target}"] if case.target else []
    builder("build", "--isolation=chroot", "--pull=never", f"--tag={TAG}", *arguments, tmp_path)
    container = builder("from", "--pull=never", TAG).strip()
    yield builder.configuration(TAG) | {"root": Path(builder("mount", container).strip())}
    builder("rm", container)
    builder("rmi", TAG)


def test_a_dockerfile_reads_as_it_builds(built: dict[str, Any], case: Case, tmp_path: Path) -> None:
    """Its configuration, and the texts of the scripts that it holds."""
    told = read_dockerfile(tmp_path / "Dockerfile", target=case.target, build_args=case.given)
    assert isinstance(told, ImageConfig), told
    fields = _fields(told)
    assert {name for name, value in fields.items() if isinstance(value, Unknown)} == case.unknown
    assert fields == _built_fields(built) | {name: fields[name] for name in case.unknown}
    assert _environment(told, built) == _built_environment(told, built)
    assert set(told.files) == case.held
    assert told.files == {path: (built["root"] / path.lstrip("/")).read_text("utf-8") for path in case.held}


def _fields(told: ImageConfig) -> dict[str, Any]:
    return {
        "entrypoint": told.entrypoint,
        "command": told.command,
        "user": told.user,
        "working_dir": told.working_dir,
        "stop_signal": told.stop_signal,
        "exposed_ports": set(told.exposed_ports),
        "labels": told.labels,
    }


def _built_fields(built: dict[str, Any]) -> dict[str, Any]:
    labels = {name: value for name, value in built.get("Labels", {}).items() if not name.startswith(_NOT_SAID)}
    return {
        "entrypoint": tuple(built.get("Entrypoint") or ()),
        "command": tuple(built.get("Cmd") or ()),
        "user": built.get("User", ""),
        "working_dir": built.get("WorkingDir", ""),
        "stop_signal": built.get("StopSignal", "SIGTERM"),
        "exposed_ports": set(built.get("ExposedPorts", {})),
        "labels": labels,
    }


_NOT_SAID: Final = ("io.buildah.", "org.opencontainers.")
"""Labels of the builder, and of a base: those of bases are not in our table."""


def _environment(told: ImageConfig, built: dict[str, Any]) -> dict[str, str | Unknown]:
    """What we say of variables, but for those that we know the base's release decides: some releases have them."""
    there = {each.partition("=")[0] for each in built["Env"]}
    return {name: value for name, value in told.environment.items() if isinstance(value, str) or name in there}


def _built_environment(told: ImageConfig, built: dict[str, Any]) -> dict[str, str | Unknown]:
    """What buildah set, with our word where we say that we do not know; an unknown base may have set more."""
    values = dict(each.split("=", 1) for each in built["Env"])
    unknown = {name: value for name, value in told.environment.items() if isinstance(value, Unknown) and name in values}
    seen = values if not told.environment_doubt else {name: values[name] for name in told.environment}
    return seen | unknown
