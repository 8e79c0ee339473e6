"""Manifests that git, Helm and Kustomize hold: judged as rendered, shown where their authors wrote them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster.programs import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
TEMPLATE = """\
{{- $name := printf "%s-web" .Release.Name }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: {{ .Values.grace }}
      containers:
      - name: web
        image: registry.example.com/shop/web:1.4.2
        command: [gunicorn, --bind=0.0.0.0:8000, --graceful-timeout=60, "app:app"]
"""
MANIFEST = TEMPLATE.partition("\n")[2].replace("{{ $name }}", "web").replace("{{ .Values.grace }}", "30")


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch, cluster_programs: None) -> None:  # noqa: ARG001 - only that they are there
    """The real helm and kubectl are on PATH."""
    folders = {str(program(name).parent) for name in ("helm", "kubectl")}
    monkeypatch.setenv("PATH", os.pathsep.join((*folders, os.environ["PATH"])))


@pytest.fixture
def chart(folder: Path) -> Path:
    """A chart whose folder does not bear its name."""
    return write(folder, {"c/Chart.yaml": CHART, "c/values.yaml": "grace: 30\n", "c/templates/web.yaml": TEMPLATE})


@pytest.fixture
def overlay(folder: Path) -> Path:
    """An overlay that renames and patches a base."""
    return write(
        folder,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": MANIFEST,
            "prod/kustomization.yaml": "resources: [../base]\nnamePrefix: prod-\npatches: [{path: replicas.yaml}]\n",
            "prod/replicas.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
        },
    )


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository whose last commit mends a manifest, and whose working tree is empty."""
    write(
        folder, {"deploy/web.yaml": MANIFEST, "deploy/chart/Chart.yaml": CHART, "deploy/chart/templates/a.yaml": "{{"}
    )
    git("init", "--quiet", "--initial-branch=main", ".")
    commit("bad")
    write(
        folder,
        {"deploy/web.yaml": MANIFEST.replace("terminationGracePeriodSeconds: 30", "terminationGracePeriodSeconds: 90")},
    )
    commit("mended")
    git("rm", "--quiet", "-r", "deploy")
    return folder


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files by path and content."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return folder


def git(*arguments: str) -> None:
    """Call git as somebody."""
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], check=True, capture_output=True)


def commit(message: str) -> None:
    """Commit all there is."""
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


def places(ran: Any) -> dict[str, tuple[str, str, int]]:  # noqa: ANN401 - how a call ended
    """Of each rule: the workload, the file and the line."""
    found = json.loads(ran.out)["findings"]
    return {
        each["rule"]: (each["workload"]["name"], each["location"]["file"], each["location"]["line"]) for each in found
    }


def test_chart_is_judged_as_rendered_and_shown_at_its_template(run: Run, chart: Path) -> None:  # noqa: ARG001
    """The value is the rendered one; the place is the line of the template that makes it."""
    found = places(run("check", "--helm", "c", "--format", "json"))

    assert ("c-web", "c/templates/web.yaml", 9) == found["grace-period-too-short"]
    assert ("c-web", "c/templates/web.yaml", 11) == found["memory-limit-missing"]


def test_objects_of_one_template_are_told_apart(run: Run, chart: Path) -> None:
    """Helm puts what it renders into an order of its own."""
    service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports: [{port: 80}]\n"
    worker = TEMPLATE.replace("kind: Deployment", "kind: StatefulSet").replace(
        "graceful-timeout=60", "graceful-timeout=70"
    )
    write(chart, {"c/templates/web.yaml": f"{TEMPLATE}---\n{service}---\n{worker}"})

    found = json.loads(run("check", "--helm", "c", "--format", "json").out)["findings"]

    lines = {
        each["workload"]["kind"]: each["location"]["line"] for each in found if each["rule"] == "grace-period-too-short"
    }
    assert {"Deployment": 9, "StatefulSet": 30} == lines


def test_values_and_sets_reach_helm(run: Run, chart: Path) -> None:
    """A set comes after all files of values."""
    write(chart, {"long.yaml": "grace: 20\n"})

    assert "grace-period-too-short" in places(run("check", "--helm", "c", "--values", "long.yaml", "--format", "json"))
    options = ("--values", "long.yaml", "--set", "grace=90")
    assert "grace-period-too-short" not in places(run("check", "--helm", "c", *options, "--format", "json"))


def test_namespace_and_kubernetes_version_reach_helm(run: Run, chart: Path) -> None:
    """A chart may ask for both."""
    lines = "{{ .Release.Namespace }}-{{ .Capabilities.KubeVersion.Minor }}"
    write(chart, {"c/templates/web.yaml": MANIFEST.replace("name: web", f"name: {lines}", 1)})

    ran = run("check", "--helm", "c", "--namespace", "shop", "--kubernetes-version", "1.33", "--format", "json")

    assert "shop-33" == places(ran)["grace-period-too-short"][0]


def test_helm_failing_is_said_in_its_own_words(run: Run, chart: Path) -> None:
    """Nothing of what it says is lost, and what else is named is judged."""
    write(chart, {"c/templates/broken.yaml": '{{ fail "give a domain" }}', "web.yaml": MANIFEST})

    ran = run("check", "--helm", "c", "web.yaml")

    assert ran.status == 2
    assert ran.err.startswith("c: helm failed with status 1: Error: execution error at (shop/templates/broken.yaml")
    assert "give a domain" in ran.err
    assert "grace-period-too-short" in ran.out


def test_missing_dependency_is_not_fetched(run: Run, chart: Path) -> None:
    """Helm says what is missing."""
    dependency = "dependencies: [{name: db, version: 1.0.0, repository: 'https://charts.example.com'}]\n"
    write(chart, {"c/Chart.yaml": CHART + dependency})

    ran = run("check", "--helm", "c")

    assert ran.status == 2
    assert "missing in charts/ directory: db" in ran.err


def test_dependency_that_lies_beside_is_taken_when_told(run: Run, chart: Path) -> None:
    """`--helm-dependencies` lets Helm make the chart whole."""
    write(chart, {"db/Chart.yaml": CHART.replace("shop", "db"), "db/templates/db.yaml": MANIFEST.replace("web", "db")})
    write(chart, {"c/Chart.yaml": f"{CHART}dependencies: [{{name: db, version: 1.0.0, repository: 'file://../db'}}]\n"})

    ran = run("check", "--helm", "c", "--helm-dependencies", "--format", "json")

    found = {each["workload"]["name"]: each["location"]["file"] for each in json.loads(ran.out)["findings"]}
    assert {"c-web": "c/templates/web.yaml", "db": "helm:shop/charts/db/templates/db.yaml"} == found


def test_overlay_is_judged_as_built_and_shown_at_its_base(run: Run, overlay: Path) -> None:  # noqa: ARG001
    """The names are the overlay's, the place is in the file that the object came from."""
    found = places(run("check", "--kustomize", "prod", "--format", "json"))

    assert ("prod-web", "base/web.yaml", 8) == found["grace-period-too-short"]
    assert ("prod-web", "base/web.yaml", 10) == found["memory-limit-missing"]


def test_a_base_read_twice_has_two_names(run: Run, overlay: Path) -> None:  # noqa: ARG001
    """As it stands and as the overlay makes it."""
    ran = run("check", "base/web.yaml", "--kustomize", "prod", "--format", "json")

    found = {(each["workload"]["name"], each["location"]["file"]) for each in json.loads(ran.out)["findings"]}
    assert {("web", "base/web.yaml"), ("prod-web", "base/web.yaml (rendered)")} == found


def test_generated_object_is_shown_as_built(run: Run, overlay: Path) -> None:
    """What no file holds has the place it has in Kustomize's output."""
    write(
        overlay,
        {"base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: c, literals: [a=b]}]\n"},
    )

    assert 1 == run("check", "--kustomize", "prod").status


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--helm", "none"), "none: there is no such chart, expected a folder with a Chart.yaml or a .tgz file"),
        (("--kustomize", "none"), "none: holds no kustomization.yaml, expected the folder of an overlay"),
        (
            ("git:main",),
            "git:main: `git:main` names no revision and path, expected git:REV:PATH such as git:main:deploy",
        ),
        (("git:--all:x",), "names no revision and path"),
        (("git:none:deploy",), "git:none:deploy: there is no revision `none` in this repository"),
        (("git:main:none",), "git:main:none: there is no none in main"),
    ],
)
def test_bad_source_is_one_sentence(run: Run, repository: Path, arguments: tuple[str, ...], problem: str) -> None:  # noqa: ARG001
    """It names what was given and what was expected."""
    ran = run("check", *arguments)

    assert ran.status == 2
    assert problem in ran.err
    assert 1 == len(ran.err.splitlines())


def test_missing_program_is_named(run: Run, chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no helm reads that it is needed."""
    monkeypatch.setenv("PATH", str(chart))

    ran = run("check", "--helm", "c", "--kustomize", "c", "git:main:x")

    assert ran.status == 2
    assert "c: helm is needed for this and is not on PATH; install it" in ran.err
    assert "git:main:x: git is needed for this and is not on PATH; install it" in ran.err


def test_overlay_without_a_program_names_both(run: Run, overlay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either of two will do."""
    monkeypatch.setenv("PATH", str(overlay))

    assert (
        "prod: kustomize or kubectl is needed for this and is not on PATH; install it"
        in run("check", "--kustomize", "prod").err
    )


def test_revision_is_read_as_it_was_committed(run: Run, repository: Path) -> None:  # noqa: ARG001
    """The working tree does not count, and each revision has its own verdict."""
    old, new = (run("check", f"git:{revision}:deploy", "--format", "json") for revision in ("main~1", "main"))

    assert ("web", "git:main~1:deploy/web.yaml", 8) == places(old)["grace-period-too-short"]
    assert "grace-period-too-short" not in places(new)


def test_revision_is_searched_as_a_directory_is(run: Run, repository: Path) -> None:  # noqa: ARG001
    """Templates and what is excluded are left out and said; lines are shown."""
    ran = run("check", "git:main~1:", "--verbose")
    excluded = run("check", "git:main~1:", "--exclude", "deploy/web.yaml", "--verbose", "--allow-empty")

    assert "8 │       terminationGracePeriodSeconds: 30" in ran.out
    assert "Left out: git:main~1:deploy/chart/templates: templates of a Helm chart" in ran.out
    assert "Left out: git:main~1:deploy/web.yaml: excluded by --exclude" in excluded.out


def test_path_of_a_revision_is_relative_only_with_a_dot(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in git's own REV:PATH."""
    (repository / "deploy").mkdir(exist_ok=True)
    monkeypatch.chdir(repository / "deploy")

    found = [
        places(run("check", f"git:main~1:{path}", "--format", "json")) for path in ("./web.yaml", "deploy/web.yaml")
    ]

    assert found[0] == found[1]
    assert "git:main~1:deploy/web.yaml" == found[0]["grace-period-too-short"][1]


def test_link_in_a_revision_leads_nowhere_outside(run: Run, folder: Path) -> None:
    """A link is a link again; one to what the revision does not hold, such as this machine's files, is left out."""
    git("init", "--quiet", "--initial-branch=main", ".")
    write(folder, {"web.yaml": MANIFEST})
    (folder / "link.yaml").symlink_to("web.yaml")
    (folder / "out.yaml").symlink_to("../missing.yaml")
    write(folder.parent, {"here.yaml": MANIFEST.replace("name: web", "name: here", 1)})
    (folder / "here.yaml").symlink_to(folder.parent / "here.yaml")
    commit("links")

    ran = run("check", "git:main:", "--format", "json")

    assert {"git:main:link.yaml"} == {each["location"]["file"] for each in json.loads(ran.out)["findings"]}
    left_out = {each["file"]: each["reason"] for each in json.loads(ran.out)["skipped"]}
    assert left_out == dict.fromkeys(
        ("git:main:here.yaml", "git:main:out.yaml"), "a symbolic link that leads out of the revision"
    )


def test_explain_reads_them_too(run: Run, chart: Path) -> None:  # noqa: ARG001
    """What runs in a chart's containers can be asked for."""
    assert "Deployment default/c-web" in run("explain", "--helm", "c").out
