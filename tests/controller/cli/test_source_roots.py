"""What a folder of sources tells: scripts and settings count as those where the image starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/shop/web:1.4.2
        command: COMMAND
"""
REPOSITORY = """\
apiVersion: gracekeeper.dev/v1alpha1
kind: GraceRepository
spec: {sourceRoots: ROOTS}
"""
IMAGE = "registry.example.com/shop/web"


@pytest.fixture
def explained(folder: Path, run: Run) -> Callable[..., str]:
    """Explains a command over a repository whose folder `src` holds scripts and settings."""
    (folder / "src" / "deploy").mkdir(parents=True)
    (folder / "src" / "gunicorn.conf.py").write_text("# ours\ngraceful_timeout = 50\n")
    (folder / "src" / "uwsgi.ini").write_text("[uwsgi]\nprocesses = 7\n")
    (folder / "src" / "deploy" / "run.sh").write_text("#!/bin/sh\nexec gunicorn --workers 9 shop.wsgi\n")

    def call(command: str, *arguments: str) -> str:
        (folder / "web.yaml").write_text(MANIFEST.replace("COMMAND", command))
        result = run("explain", "web.yaml", *arguments)
        assert result.status == 0, result.err
        return " ".join(result.out.split())

    return call


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("[gunicorn, shop.wsgi]", "50 s [image: src/gunicorn.conf.py, line 2, graceful_timeout]"),
        ("[uwsgi, --ini, uwsgi.ini]", "7 [image: src/uwsgi.ini, line 2, processes]"),
        ("[deploy/run.sh]", "[image: src/deploy/run.sh, line 2]"),
        ("[sh, ./deploy/run.sh]", "[image: src/deploy/run.sh, line 2]"),
    ],
)
def test_what_lies_in_it_is_read(explained: Callable[..., str], command: str, told: str) -> None:
    """A server's own name for its file, names that the command gives, and scripts; nothing is in doubt."""
    explanation = explained(command, "--source-root", f"{IMAGE}=src")
    assert told in explanation
    assert "whether it runs so" not in explanation


@pytest.mark.parametrize(
    ("command", "roots", "doubt"),
    [
        ("[gunicorn, shop.wsgi]", ["src"], "which image is built from src is not said"),
        (
            "[/app/deploy/run.sh]",
            [f"{IMAGE}=src"],
            "that src/deploy/run.sh lies at /app/deploy/run.sh is told by its name",
        ),
        (
            "[gunicorn, -c, /etc/gunicorn.conf.py, a:a]",
            [f"{IMAGE}=src"],
            "lies at /etc/gunicorn.conf.py is told by its name",
        ),
    ],
)
def test_what_is_guessed_is_in_doubt(explained: Callable[..., str], command: str, roots: list[str], doubt: str) -> None:
    """A folder without an image, and a path that says nothing of where the folder lies."""
    arguments = [each for root in roots for each in ("--source-root", root)]
    assert doubt in explained(command, *arguments)


def test_an_image_of_another_name_is_not_built_from_it(explained: Callable[..., str]) -> None:
    """A folder counts for the image that is named with it."""
    assert "30 s [default of gunicorn" in explained(
        "[gunicorn, a:a]", "--source-root", "registry.example.com/other=src"
    )


def test_a_mount_hides_it(folder: Path, explained: Callable[..., str]) -> None:
    """What a volume brings lies over the image."""
    mount = "volumeMounts: [{name: x, mountPath: /app/conf}]"
    text = f"[gunicorn, -c, conf/gunicorn.conf.py, a:a]\n        workingDir: /app\n        {mount}"
    (folder / "src" / "conf").mkdir()
    (folder / "src" / "conf" / "gunicorn.conf.py").write_text("graceful_timeout = 40\n")
    assert "conf/gunicorn.conf.py, which is not in sight" in explained(text, "--source-root", f"{IMAGE}=src")


@pytest.mark.parametrize(
    "roots", [f"[{{path: src, image: {IMAGE}}}]", '[{path: src, image: "registry.example.com/*/web"}]']
)
def test_a_repository_says_it(folder: Path, explained: Callable[..., str], roots: str) -> None:
    """Beside the images' Dockerfiles, from the policy file's folder on."""
    (folder / "gracekeeper.yaml").write_text(REPOSITORY.replace("ROOTS", roots))
    assert "50 s [image: src/gunicorn.conf.py" in explained("[gunicorn, a:a]")


def test_a_folder_that_is_not_there_is_a_problem(folder: Path, run: Run) -> None:
    """Who names it wants it read."""
    (folder / "web.yaml").write_text(MANIFEST.replace("COMMAND", "[gunicorn, a:a]"))
    result = run("check", "web.yaml", "--source-root", "lost")
    assert (2, "lost: is no folder, expected the sources of an image\n") == (result.status, result.err)


def test_a_folder_of_an_image_that_nobody_runs_is_told(folder: Path, run: Run) -> None:
    """It may be a slip in its name."""
    (folder / "src").mkdir()
    (folder / "web.yaml").write_text(MANIFEST.replace("COMMAND", "[gunicorn, a:a]"))
    output = run("check", "web.yaml", "--verbose", "--source-root", "registry.example.com/shop/wbe=src").out
    assert "no container runs registry.example.com/shop/wbe" in output


def test_a_dockerfile_comes_first(folder: Path, explained: Callable[..., str]) -> None:
    """It says what it copies, and settings are found below COPY, too."""
    (folder / "src" / "Dockerfile").write_text("FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\n")
    given = ("--dockerfile", f"{IMAGE}=src/Dockerfile", "--source-root", f"{IMAGE}=src")
    assert "7 [image: /srv/uwsgi.ini, line 2, processes]" in explained("[uwsgi, --ini, /srv/uwsgi.ini]", *given)
