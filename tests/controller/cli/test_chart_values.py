"""Findings in a rendered chart name the value that sets what is found: where there is no doubt, and nowhere else."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cluster.programs import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

CHART: Final = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
VALUES: Final = (
    "# of the shop\ngrace: 20\ndrain: 60\nweb: {grace: 20, memory: 8Mi, resources: {limits: {memory: 8Mi}}}\n"
)
TEMPLATE: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
{pod}
      containers:
      - name: web
        image: registry.example.com/shop/web:1.4.2
        command: [gunicorn, --workers=4, --graceful-timeout=60, "app:app"]
{container}
"""
GRACE: Final = "      terminationGracePeriodSeconds: "


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch, cluster_programs: None) -> None:  # noqa: ARG001 - only that it is there
    """The real helm is on PATH."""
    monkeypatch.setenv("PATH", os.pathsep.join((str(program("helm").parent), os.environ["PATH"])))


@pytest.fixture
def told(run: Run, folder: Path) -> Callable[..., list[str]]:
    """Judges a chart, and gives `FILE:LINE KEYS` or `--set KEYS` of whatever is said to set what a rule finds."""

    def ask(
        rule: str, *options: str, pod: str = f"{GRACE}20", container: str = "", values: str = VALUES, **files: str
    ) -> list[str]:
        template = TEMPLATE.format(pod=pod, container=container)
        whole = {"Chart.yaml": CHART, "values.yaml": values, "templates/web.yaml": template}
        for name, content in {**whole, **files}.items():
            (folder / "c" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "c" / name).write_text(content, "utf-8")
        ran = run("check", "--helm", "c", *options, "--format=json")
        content = json.loads(ran.out)
        assert content["problems"] == []
        [found] = [each for each in content["findings"] if each["rule"] == rule]
        places = [(each["location"], each["message"].split("`")[1]) for each in found["related"]]
        sets = [f"--set {each['value']}" for each in found["evidence"] if each["source"] == "--set"]
        return [f"{place['file']}:{place['line']} {keys}" for place, keys in places] + sets

    return ask


@pytest.mark.parametrize(
    "value",
    [
        "{{ .Values.grace }}",
        "{{ $.Values.grace }}",
        "{{ .Values.grace | int }}",
        "{{ int .Values.grace }}",
        "{{ .Values.grace | default 30 }}",
        "{{ default 30 .Values.grace | int }}",
        '{{ required "how long?" .Values.grace }}',
    ],
)
def test_the_value_of_a_field_is_named(told: Callable[..., list[str]], value: str) -> None:
    """Through the plain pipes that people write."""
    assert told("grace-period-too-short", pod=GRACE + value) == ["c/values.yaml:2 grace"]


@pytest.mark.parametrize(
    "value",
    [
        "{{ add .Values.grace 0 }}",
        "{{ .Values.none | default 20 }}",
        "{{ .Values.none | default .Values.grace }}",
        '{{ index .Values "grace" }}',
        "{{ if .Values.grace }}{{ .Values.grace }}{{ end }}",
        "{{ .Values.zero | default 20 }}",
    ],
)
def test_what_is_not_plain_is_not_followed(told: Callable[..., list[str]], value: str) -> None:
    """Two values, arithmetic, a default that holds: nothing is said rather than something wrong."""
    assert told("grace-period-too-short", pod=GRACE + value, values=f"{VALUES}zero: 0\n") == []


@pytest.mark.parametrize(
    "pod",
    [
        f"{{{{- if .Values.long }}}}\n{GRACE}60\n{{{{- else }}}}\n{GRACE}{{{{ .Values.grace }}}}\n{{{{- end }}}}",
        f"      {{{{/* once it was\n{GRACE}{{{{ .Values.grace }}}}\n      */}}}}\n{GRACE}20",
        f"      # {GRACE.strip()} {{{{ .Values.grace }}}}\n{GRACE}20",
        f"      {{{{- with .Values.web }}}}\n{GRACE}{{{{ .grace }}}}\n      {{{{- end }}}}",
    ],
    ids=["of two branches", "in a comment", "in YAML's comment", "of another scope"],
)
def test_another_line_is_not_taken_for_it(told: Callable[..., list[str]], pod: str) -> None:
    """Where two lines could have made the field, or another scope did, nothing is said."""
    assert told("grace-period-too-short", pod=pod) == []


@pytest.mark.parametrize(
    ("container", "place"),
    [
        (
            "        resources:\n          {{- toYaml .Values.web.resources | nindent 10 }}",
            "web.resources.limits.memory",
        ),
        (
            "{{- with .Values.web.resources }}\n        resources:\n          {{- toYaml . | nindent 10 }}\n{{- end }}",
            "web.resources.limits.memory",
        ),
        ("        resources:\n          limits:\n            memory: {{ .Values.web.memory | quote }}", "web.memory"),
        ("        resources:\n          limits: {memory: {{ .Values.web.memory }}}", ""),
        ("        resources:\n          {{- toYaml .Values.web.resources | nindent 10 }}\n          requests: {}", ""),
    ],
    ids=["a block", "a block of another scope", "nested", "in braces", "a block with more below"],
)
def test_a_block_is_followed_to_the_field(told: Callable[..., list[str]], container: str, place: str) -> None:
    """A chart hands on most of its values as blocks."""
    expected = [f"c/values.yaml:4 {place}"] if place else []
    assert told("workers-exceed-memory", container=container) == expected


def test_a_block_that_lacks_the_field_is_named_itself(told: Callable[..., list[str]]) -> None:
    """That is where to write it."""
    container = "        resources:\n          {{- toYaml .Values.resources | nindent 10 }}"

    found = told("memory-limit-missing", container=container, values="resources: {}\n")
    assert found == ["c/values.yaml:1 resources"]


def test_another_container_is_not_taken_for_it(told: Callable[..., list[str]]) -> None:
    """Its equal value sets another field."""
    memory = "        resources:\n          limits:\n            memory: "
    beside = "      - name: sidecar\n        image: example.com/sidecar:1.0"
    sidecar = f"{memory}8Mi\n{beside}\n{memory}{{{{ .Values.web.memory }}}}"
    swapped = sidecar.replace("{{ .Values.web.memory }}", "1Gi").replace(": 8Mi", ": {{ .Values.web.memory }}")

    assert told("workers-exceed-memory", container=sidecar) == []
    assert told("workers-exceed-memory", container=swapped) == ["c/values.yaml:4 web.memory"]


def test_a_word_of_a_command_is_followed(told: Callable[..., list[str]]) -> None:
    """In a list of its own lines; the value makes of the line what Helm rendered."""
    container = "        args:\n        - --reload\n        - --bind={{ .Values.host }}:8000\n"
    found = told("server-bound-to-loopback", container=container, values="host: 127.0.0.1\n")

    assert found == ["c/values.yaml:1 host"]


def test_the_last_word_counts(told: Callable[..., list[str]], folder: Path) -> None:
    """Files of values come after the chart's own, the last of them first; then the sets."""
    (folder / "long.yaml").write_text("grace: 25\n")
    (folder / "other.yaml").write_text("\n\nother: {grace: 1}\n")
    files, field = ("--values=long.yaml", "--values=other.yaml"), f"{GRACE}{{{{ .Values.grace }}}}"

    assert told("grace-period-too-short", *files, pod=field) == ["long.yaml:1 grace"]
    assert told("grace-period-too-short", *files, "--set=grace=10", "--set=a.b=c", pod=field) == ["--set grace"]


@pytest.mark.parametrize("option", ["--set=a=1,grace=20", "--set=list[0]=1", r"--set=grace=2\,0", "--set=grace.x=1"])
def test_a_set_that_is_not_plain_leaves_it_open(told: Callable[..., list[str]], option: str) -> None:
    """It may set anything."""
    pod = f"{GRACE}{{{{ 20 }}}}" if "x" in option or "\\" in option else f"{GRACE}{{{{ .Values.grace }}}}"

    assert told("grace-period-too-short", option, pod=pod) == []


def test_a_chart_within_the_chart_has_values_of_its_own(told: Callable[..., list[str]]) -> None:
    """Its field is not said to be set by a value of the same name outside."""
    inner = TEMPLATE.format(pod=f"{GRACE}{{{{ .Values.grace }}}}", container="").replace("name: web", "name: db")
    files = {
        "charts/db/Chart.yaml": CHART.replace("shop", "db"),
        "charts/db/values.yaml": "grace: 20\n",
        "charts/db/templates/db.yaml": inner,
    }

    assert told("grace-period-too-short", pod=f"{GRACE}90", **files) == []


def test_every_form_tells_it(run: Run, told: Callable[..., list[str]]) -> None:
    """People, code scanning and reviewers read the value's place."""
    told("grace-period-too-short", pod=f"{GRACE}{{{{ .Values.grace }}}}")
    said = "the chart's value `grace` is set here"
    [sarif] = json.loads(run("check", "--helm=c", "--format=sarif").out)["runs"]
    related = [each for result in sarif["results"] for each in result["relatedLocations"]]
    diagnostics = json.loads(run("check", "--helm=c", "--format=rdjson").out)["diagnostics"]

    assert f"see c/values.yaml:2:1: {said}" in run("check", "--helm=c").out
    assert [(each["message"]["text"], each["physicalLocation"]["region"]["startLine"]) for each in related] == [
        (said, 2)
    ]
    assert [each["location"]["path"] for one in diagnostics for each in one["related_locations"]] == ["c/values.yaml"]
