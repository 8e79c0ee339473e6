"""The rules on configuration and start, where their examples are not enough."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.finding import Severity
from gracekeeper_policies.policy import GracePolicy, Scope
from gracekeeper_policies.rules.runtime.required_env_missing import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.finding import Finding
    from gracekeeper_policies.verdict import Verdict

    Findings = Callable[..., list[Finding]]


@pytest.fixture
def findings(verdict: Callable[..., Verdict]) -> Findings:
    """What one rule finds in a pod-spec fragment."""

    def _findings(rule: str, text: str, *policies: GracePolicy) -> list[Finding]:
        return [ruling.finding for ruling in verdict(text, *policies).rulings if ruling.rule.id == rule]

    return _findings


def _asked(question: str, **variables: str) -> str:
    """What Python itself says under variables."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")} | variables
    ran = subprocess.run([sys.executable, "-c", question], capture_output=True, check=True, env=environment)
    return ran.stdout.decode().strip()


@pytest.mark.parametrize("value", ["", "0", "1", "00", "false", "no", "-1", "x"])
def test_python_unbuffered_is_read_as_python_reads_it(findings: Findings, value: str) -> None:
    """Every text but nothing and zero switches buffering off, `false` too."""
    unbuffered = _asked("import sys; print(sys.stdout.write_through)", PYTHONUNBUFFERED=value) == "True"
    pod = f"""
        containers:
        - name: web
          image: python:3.12
          command: [python, serve.py]
          env: [{{name: PYTHONUNBUFFERED, value: "{value}"}}]
    """
    assert bool(findings("output-buffered", pod)) is not unbuffered


@pytest.mark.parametrize("value", ["", "0", "1", "false"])
def test_asyncio_debug_is_read_as_asyncio_reads_it(findings: Findings, value: str) -> None:
    """Every text switches it on."""
    question = "import asyncio; loop = asyncio.new_event_loop(); print(loop.get_debug()); loop.close()"
    on = _asked(question, PYTHONASYNCIODEBUG=value) == "True"
    pod = f"""
        containers:
        - name: web
          image: shop/web
          command: [uvicorn, "app:app"]
          env: [{{name: PYTHONASYNCIODEBUG, value: "{value}"}}]
    """
    assert bool(findings("debug-mode-enabled", pod)) is on


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        ("FLASK_DEBUG", "1", True),
        ("FLASK_DEBUG", "off", True),
        ("FLASK_DEBUG", "False", False),
        ("FLASK_DEBUG", "", False),
        ("DJANGO_DEBUG", "True", True),
        ("DJANGO_DEBUG", "0", False),
        ("DEBUG", "yes", True),
        ("DEBUG", "app:*", False),
        ("DEBUG", "false", False),
    ],
)
def test_a_debug_mode_is_on(findings: Findings, variable: str, value: str, found: bool) -> None:
    """As the framework reads it; what settings decide is only suspected."""
    pod = f"""
        containers:
        - name: web
          image: shop/web
          command: [gunicorn, "app:app"]
          env: [{{name: {variable}, value: "{value}"}}]
    """
    (finding, *_) = findings("debug-mode-enabled", pod) or (None,)
    assert found is (finding is not None)
    assert finding is None or bool(finding.doubt) is (variable != "FLASK_DEBUG")


def test_the_debug_variable_of_another_language_is_left_alone(findings: Findings) -> None:
    """Node programs have one too."""
    pod = """
        containers:
        - {name: web, image: shop/web, command: [/start], env: [{name: DEBUG, value: "1"}]}
    """
    assert findings("debug-mode-enabled", pod) == []


def test_a_script_may_switch_debugging_on(findings: Findings) -> None:
    """What it sets for the server counts like env."""
    pod = """
        containers:
        - {name: web, image: shop/web, command: [sh, -c, "FLASK_DEBUG=1 exec gunicorn app:app"]}
    """
    assert len(findings("debug-mode-enabled", pod)) == 1


def test_the_image_may_switch_buffering_off(findings: Findings) -> None:
    """Many do; the official one does not."""
    pod = "containers: [{name: web, image: shop/web, command: [python, serve.py]}]"
    assert [finding.doubt for finding in findings("output-buffered", pod)] == ["its image may set PYTHONUNBUFFERED"]


@pytest.mark.parametrize("flags", ["-u", "-Bu", "-uO", "-B -u", "-W error -u"])
def test_a_flag_switches_buffering_off(findings: Findings, flags: str) -> None:
    """Alone or among others, but only in front of the program."""
    command = ["python", *flags.split(), "serve.py"]
    pod = f"containers: [{{name: w, image: 'python:3', command: {command}}}]"
    assert findings("output-buffered", pod) == []


def test_a_flag_behind_the_program_is_the_programs_own(findings: Findings) -> None:
    """Python does not see it."""
    pod = "containers: [{name: web, image: 'python:3', command: [python, serve.py, -u]}]"
    assert len(findings("output-buffered", pod)) == 1


def test_one_replica_may_migrate(findings: Findings) -> None:
    """Nobody else changes the database meanwhile; without a number there is one too."""
    pod = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          REPLICAS
          template:
            spec:
              containers:
              - {name: web, image: shop/web, command: [sh, -c, "python manage.py migrate; exec gunicorn app"]}
    """
    doubts = {
        written: [bool(finding.doubt) for finding in findings("migrations-at-start", pod.replace("REPLICAS", written))]
        for written in ("replicas: 1", "replicas: 2", "minReadySeconds: 0")
    }
    assert doubts == {"replicas: 1": [], "replicas: 2": [False], "minReadySeconds: 0": []}


def test_a_job_may_migrate(findings: Findings) -> None:
    """That is where migrations belong."""
    job = """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: migrate}
        spec:
          template:
            spec:
              containers: [{name: m, image: shop/web, command: [sh, -c, "python manage.py migrate; exec gunicorn app"]}]
    """
    assert findings("migrations-at-start", job) == []


def test_an_installation_on_a_condition_is_suspected(findings: Findings) -> None:
    """The branch may never be taken."""
    pod = """
        containers:
        - name: web
          image: shop/web
          command: [sh, -c, "if [ -f extra.txt ]; then pip install -r extra.txt; fi; exec gunicorn app"]
    """
    assert ["the script runs it only on a condition"] == [
        finding.doubt for finding in findings("dependencies-installed-at-start", pod)
    ]


def test_duplicates_name_both_places(findings: Findings) -> None:
    """The one that is edited and the one that wins."""
    pod = """
        containers:
        - name: web
          image: shop/web
          env: [{name: A, value: "1"}, {name: B, value: "1"}, {name: A, value: "2"}, {name: A, value: "3"}]
    """
    (finding,) = findings("environment-variable-duplicated", pod)
    assert (finding.at[-2:], finding.related[0].path[-2:]) == (("env", 0), ("env", 3))
    assert finding.remedy == "remove the first A from env (the container runs with the last one)"


SERVICE = """
        ---
        apiVersion: v1
        kind: Service
        metadata: {{name: {name}, namespace: {namespace}}}
        spec: {{{spec}ports: [{{port: 80}}]}}
"""


@pytest.mark.parametrize(
    ("name", "namespace", "spec", "found"),
    [
        ("uvicorn", "shop", "", True),
        ("uvicorn", "shop", "type: NodePort, ", True),
        ("uvicorn", "shop", "clusterIP: None, ", False),
        ("uvicorn", "shop", "type: ExternalName, externalName: x, ", False),
        ("uvicorn", "other", "", False),
        ("web", "shop", "", False),
    ],
)
def test_a_service_gives_variables(findings: Findings, name: str, namespace: str, spec: str, found: bool) -> None:
    """In its namespace, and only where it has an address."""
    pod = "        containers: [{name: web, image: shop/web, command: [uvicorn, --host=0.0.0.0, app]}]"
    service = SERVICE.format(name=name, namespace=namespace, spec=spec)
    assert bool(findings("service-variable-collision", pod + service)) is found


def test_env_beats_a_services_variable(findings: Findings) -> None:
    """The kubelet lays env over what Services give."""
    pod = """
        containers:
        - name: web
          image: shop/web
          command: [uvicorn, --host=0.0.0.0, app]
          env: [{name: UVICORN_PORT, value: "8000"}]
"""
    assert findings("service-variable-collision", pod + SERVICE.format(name="uvicorn", namespace="shop", spec="")) == []


def demanding(*variables: str) -> GracePolicy:
    """A policy that demands variables."""
    return GracePolicy(scope=Scope.ALL, parameters={"required-env-missing": Parameters(variables)})


@pytest.mark.parametrize(
    ("env", "doubts"),
    [
        ('[{name: LOG_FORMAT, value: "json"}]', []),
        ('[{name: LOG_FORMAT, value: "text"}]', [""]),
        ("[{name: OTHER, value: json}]", [""]),
        ("[{name: LOG_FORMAT, valueFrom: {secretKeyRef: {name: a, key: b}}}]", []),
    ],
)
def test_a_demanded_variable_has_its_value(findings: Findings, env: str, doubts: list[str]) -> None:
    """What comes from a Secret is there, and not judged."""
    pod = f"containers: [{{name: web, image: shop/web, command: [gunicorn, app], env: {env}}}]"
    found = findings("required-env-missing", pod, demanding("LOG_FORMAT=json"))
    assert [finding.doubt for finding in found] == doubts


def test_an_unseen_source_may_hold_a_demanded_variable(findings: Findings) -> None:
    """Then its absence is suspected."""
    pod = "containers: [{name: w, image: s, command: [gunicorn, a], envFrom: [{secretRef: {name: web}}]}]"
    found = findings("required-env-missing", pod, demanding("RELEASE"))
    assert [finding.doubt for finding in found] == ["RELEASE may come from Secret web"]


def test_nothing_is_demanded_without_a_policy(findings: Findings) -> None:
    """Only a team knows what it has agreed on."""
    assert findings("required-env-missing", "containers: [{name: w, image: s, command: [gunicorn, a]}]") == []


def test_a_declared_shutdown_needs_no_file(findings: Findings) -> None:
    """It says what the unseen file would have told."""
    pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, annotations: {ANNOTATION: "20"}}
        spec:
          containers: [{name: w, image: shop/web, command: [gunicorn, -c, /app/conf.py, app]}]
    """
    assert [1, 0] == [
        len(findings("configuration-unseen", pod.replace("ANNOTATION", name)))
        for name in ("example.com/other", "gracekeeper.dev/shutdown-seconds")
    ]


def test_a_secret_in_an_annotation_is_found_but_not_in_kubectls_copy(findings: Findings) -> None:
    """The copy repeats what stands elsewhere, or stood there once."""
    pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          annotations:
            example.com/api-token: 9f8a7s6d5f4
            kubectl.kubernetes.io/last-applied-configuration: '{"password": "hunter2"}'
        spec:
          containers: [{name: w, image: shop/web, command: [gunicorn, app]}]
    """
    assert [("metadata", "annotations", "example.com/api-token")] == [
        finding.at for finding in findings("secret-in-plain-env", pod)
    ]


def test_a_secret_belongs_to_its_container(verdict: Callable[..., Verdict]) -> None:
    """The workload is judged as a whole, and still the report names the container."""
    pod = """
        containers:
        - {name: a, image: shop/a, command: [gunicorn, app]}
        - {name: b, image: shop/b, command: [gunicorn, app], env: [{name: DB_PASSWORD, value: hunter2}]}
    """
    rulings = [ruling for ruling in verdict(pod).rulings if ruling.rule.id == "secret-in-plain-env"]
    assert [ruling.container and ruling.container.name for ruling in rulings] == ["b"]


PINNED = "it needs the package index and takes its time before anything else runs"
OPEN = "two starts may get different versions"


@pytest.mark.parametrize(
    ("installer", "message"),
    [
        ("pip install kopf==1.38.0 uvicorn[standard]==0.34.0", PINNED),
        ("pip install --quiet kopf==1.38.0", PINNED),
        ("pip install kopf==1.38.0 kubernetes", OPEN),
        ("pip install kopf==1.*", OPEN),
        ("pip install -r requirements.txt", OPEN),
        ("uv sync", OPEN),
    ],
)
def test_versions_differ_only_where_they_are_left_open(findings: Findings, installer: str, message: str) -> None:
    """Of packages that are all pinned, only the index and the time are held against them."""
    pod = f"containers: [{{command: [sh, -c, '{installer} && python serve.py']}}]"
    [found] = findings("dependencies-installed-at-start", pod)
    assert message in found.message


def test_the_distributions_packages_have_no_lockfile(findings: Findings) -> None:
    """Nobody is sent to look for one."""
    script = "apt-get install -y libpq5 && python serve.py"
    [found] = findings("dependencies-installed-at-start", f"containers: [{{command: [sh, -c, '{script}']}}]")
    assert found.remedy == "install it in the image and start the program alone"


def test_tensorflow_listens_to_a_variable_of_its_own(findings: Findings) -> None:
    """Its pool ignores OpenMP's."""
    pod = """
        containers:
        - name: train
          image: tensorflow/tensorflow:2.14.0
          command: [python, train.py]
          resources: {{limits: {{cpu: 1500m}}}}
          env: [{}]
    """
    [found] = findings("thread-pools-unbounded", pod.format(""))
    assert found.remedy == 'add {name: TF_NUM_INTRAOP_THREADS, value: "2"} to env'
    assert not findings("thread-pools-unbounded", pod.format('{name: TF_NUM_INTRAOP_THREADS, value: "2"}'))


@pytest.mark.parametrize(("image", "severity"), [("python:3.12", Severity.WARNING), ("shop/web:1", Severity.NOTE)])
def test_a_buffer_is_a_note_where_the_image_may_have_switched_it_off(
    verdict: Callable[..., Verdict], image: str, severity: Severity
) -> None:
    """Many images set PYTHONUNBUFFERED, the official ones do not."""
    rulings = verdict(f"containers: [{{image: '{image}', command: [python, serve.py]}}]").rulings
    assert [severity] == [each.severity for each in rulings if each.rule.id == "output-buffered"]


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ("--model=m", 1),
        ("--tensor-parallel-size=1, --model=m", 1),
        ("--tensor-parallel-size, '1'", 1),
        ("--tensor-parallel-size=2, --model=m", 0),
        ("--model=m, -tp, '8'", 0),
        ("--pipeline-parallel-size=16", 0),
    ],
)
def test_vllm_bounds_the_threads_of_several_workers_itself(findings: Findings, arguments: str, number: int) -> None:
    """With one device it starts no workers, and bounds nothing."""
    pod = f"""
        containers:
        - {{image: vllm/vllm-openai:v0.8.5, args: [{arguments}], resources: {{limits: {{cpu: 2}}}}}}
    """
    assert number == len(findings("thread-pools-unbounded", pod))
