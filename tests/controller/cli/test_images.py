"""What is known of images, as people name it on the command line or leave it in their repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.controller.images.archives.making import image, laid_out, named, saved, tarred

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

NAME = "registry.example.com/shop/web:1.4.2"
PLAIN = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 20
      securityContext: {seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: web
        image: registry.example.com/shop/web:1.4.2
        lifecycle: {preStop: {sleep: {seconds: 5}}}
        readinessProbe: {httpGet: {path: /ready, port: 8000}}
        livenessProbe: {httpGet: {path: /alive, port: 8000}}
        resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes: [{name: tmp, emptyDir: {}}]
"""
COMMAND = ["gunicorn", "--bind=0.0.0.0:8000", "--workers=2", "--graceful-timeout=30", "app:app"]
DOCKERFILE = f"FROM python:3.12-slim\nUSER 1000\nCMD {json.dumps(COMMAND)}\n"
CONFIG = {"Env": ["PYTHON_VERSION=3.12.7"], "User": "1000", "Cmd": COMMAND}
PID_1 = "PID 1  gunicorn --bind=0.0.0.0:8000 --workers=2"


@pytest.fixture
def web(folder: Path) -> str:
    """The name of a file with a workload that leaves its command to its image."""
    (folder / "deploy").mkdir()
    (folder / "deploy/web.yaml").write_text(PLAIN)
    return "deploy/web.yaml"


@pytest.fixture
def dockerfile(folder: Path) -> str:
    """The name of the Dockerfile that the image is built from."""
    (folder / "src").mkdir()
    (folder / "src/Dockerfile").write_text(DOCKERFILE)
    return "src/Dockerfile"


@pytest.fixture
def archive(folder: Path) -> str:
    """The name of the file that the image was saved to."""
    (folder / "web.tar").write_bytes(tarred(saved([NAME], CONFIG)))
    return "web.tar"


def findings(ran: Any) -> dict[str, str]:  # noqa: ANN401 - what `Run` gives
    """The rules that found something about how it stops and who it runs as, and how certain they are."""
    found = json.loads(ran.out)["findings"]
    return {each["rule"]: each["certainty"] for each in found}


def test_without_the_image_nothing_is_told(run: Run, web: str) -> None:
    """What runs stands in the image alone, and the user may be root."""
    ran = run("check", web, "--format=json")
    assert "grace-period-too-short" not in findings(ran)
    assert "what runs is not told" in run("explain", web).out


def test_an_archive_proves_what_is_found(run: Run, web: str, archive: str) -> None:
    """Its user rules root out, and its command needs longer than the pod gives."""
    ran = run("check", web, "--image-archive", archive, "--format=json")
    assert 1 == ran.status
    assert {"grace-period-too-short": "proven"} == findings(ran)
    told = run("explain", web, f"--image-archive={archive}").out
    assert PID_1 in told
    assert "[image: archive web.tar, command]" in told


def test_a_dockerfile_proves_what_is_found(run: Run, web: str, dockerfile: str) -> None:
    """Each fact names its line."""
    given = f"--dockerfile=registry.example.com/shop/web={dockerfile}"
    ran = run("check", web, given, "--format=json")
    assert (1, {"grace-period-too-short": "proven"}) == (ran.status, findings(ran))
    told = run("explain", web, given).out
    assert PID_1 in told
    assert "[image: src/Dockerfile:3]" in told


def test_an_archive_is_believed_before_a_dockerfile(run: Run, web: str, archive: str, dockerfile: str) -> None:
    """It is what runs."""
    given = (f"--dockerfile=registry.example.com/shop/web={dockerfile}", f"--image-archive={archive}")
    assert "[image: archive web.tar" in run("explain", web, *given).out


def test_what_a_policy_file_lists_is_as_good_as_read(run: Run, folder: Path, web: str, dockerfile: str) -> None:
    """For both verbs, and from the policy file's folder."""
    text = "apiVersion: gracekeeper.dev/v1alpha1\nkind: GraceRepository\nspec:\n  images:\n"
    (folder / "gracekeeper.yaml").write_text(f"{text}  - {{image: '*/shop/*', dockerfile: {dockerfile}}}\n")
    assert {"grace-period-too-short": "proven"} == findings(run("check", web, "--format=json"))
    assert PID_1 in run("explain", web).out


def test_a_folder_of_its_name_is_a_guess(run: Run, folder: Path, web: str) -> None:
    """So nothing is refused for it."""
    (folder / "web").mkdir()
    (folder / "web/Dockerfile").write_text(DOCKERFILE)
    ran = run("check", ".", "--format=json")
    assert 0 == ran.status
    assert "suspected" == findings(ran)["grace-period-too-short"]
    assert web


def test_compose_says_how_it_is_built(run: Run, folder: Path, web: str, dockerfile: str) -> None:
    """As good as read."""
    (folder / "compose.yaml").write_text("services: {a: {image: 'registry.example.com/shop/web:${TAG}', build: src}}\n")
    ran = run("check", ".", "--format=json")
    assert {"grace-period-too-short": "proven"} == findings(ran)
    assert web
    assert dockerfile


def test_one_of_several_platforms_is_chosen(run: Run, folder: Path, web: str) -> None:
    """The archive holds an image for each."""
    layout: dict[str, bytes] = {}
    tops = [named(image(layout, {**CONFIG, "User": each}, each), NAME) for each in ("amd64", "arm64")]
    (folder / "web.tar").write_bytes(tarred(laid_out(*tops, layout=layout)))
    ran = run("explain", web, "--image-archive=web.tar", "--platform=linux/s390x")
    assert (2, "web.tar: holds no image for linux/s390x, but for linux/amd64, linux/arm64; --platform chooses\n") == (
        ran.status,
        ran.err,
    )
    assert PID_1 in run("explain", web, "--image-archive=web.tar", "--platform=linux/arm64").out


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_judged(run: Run, web: str, archive: str) -> None:
    """Each with one sentence and status 2."""
    given = (f"--image-archive={archive}", "--image-archive=none.tar", "--dockerfile=shop/api=none/Dockerfile")
    ran = run("check", web, *given, "--format=json")
    assert 2 == ran.status
    assert [
        "none.tar: cannot be read: no such file or directory",
        "none/Dockerfile: cannot be read: No such file or directory",
    ] == ran.err.splitlines()
    assert {"grace-period-too-short": "proven"} == findings(ran)
    assert 2 == json.loads(ran.out)["summary"]["unreadable"]


def test_what_is_named_for_nobody_is_told(run: Run, web: str, archive: str, dockerfile: str) -> None:
    """A slip in a name would else leave everything unknown in silence."""
    ran = run("check", web, f"--image-archive=shop/wbe={archive}", f"--dockerfile=shop/wbe={dockerfile}")
    assert "Left out: 2 paths: src/Dockerfile, web.tar: no container runs shop/wbe." in ran.out


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--dockerfile=web", "web: expected IMAGE=PATH, such as example.com/shop/web=web/Dockerfile."),
        ("--dockerfile=Web=Dockerfile", "expected IMAGE=PATH"),
        ("--platform=arm64", "arm64 is no platform, expected one such as linux/arm64."),
    ],
)
def test_a_wrong_call_is_told(run: Run, web: str, option: str, complaint: str) -> None:
    """With what was expected."""
    ran = run("check", web, option)
    assert 2 == ran.status
    assert complaint in " ".join(ran.err.split())


def test_no_image_is_read_where_there_is_nothing_to_read(run: Run, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads images takes time to load, and most runs have none."""
    import sys  # noqa: PLC0415

    for name in ("known", "found", "builder", "dockerfile", "archives.reading"):
        monkeypatch.setitem(sys.modules, f"gracekeeper.images.{name}", None)
    assert run("check", web).status in (0, 1)
