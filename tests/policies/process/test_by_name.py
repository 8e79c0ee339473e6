"""Programs known by their name alone: what they do at a signal was not measured, so nothing is claimed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.policy import GracePolicy, Profile
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.stopping import SIGNALS
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Verdict

BY_NAME: Final = {
    "airflow api-server --port 8080": "airflow api-server",
    "airflow scheduler": "airflow scheduler",
    "airflow triggerer": "airflow triggerer",
    "airflow webserver --port 8080": "airflow webserver",
    "dagster dev -h 0.0.0.0": "dagster dev",
    "dagster-daemon run": "dagster-daemon",
    "dagster-webserver -h 0.0.0.0 -p 3000": "dagster-webserver",
    "gradio app.py": "gradio",
    "jupyter lab --port=8888": "jupyter lab",
    "jupyter-lab --ip=0.0.0.0": "jupyter-lab",
    "jupyterhub -f /etc/jupyterhub/config.py": "jupyterhub",
    "kopf freeze --peering shop --lifetime 60": "kopf freeze",
    "kopf resume --peering shop": "kopf resume",
    "mlflow server --host 0.0.0.0 --gunicorn-opts --graceful-timeout=60": "mlflow server",
    "prefect server start --host 0.0.0.0": "prefect server",
    "prefect worker start --pool shop": "prefect worker",
    "python -m gradio app.py": "python -m gradio",
    "python -m vllm.entrypoints.openai.api_server --port 8000": "python -m vllm.entrypoints.openai.api_server",
    "python -m streamlit hello": "python -m streamlit",
    "ray start --head --block": "ray start",
    "streamlit hello": "streamlit hello",
    "vllm serve shop/model --uvicorn-log-level info": "vllm serve",
}
"""What they are called by the command lines that start them."""

POD: Final = """
terminationGracePeriodSeconds: {grace}
containers:
- name: web
  image: shop/web:1.4.2
  command: {command}
  ports: [{{containerPort: 9646}}]
  readinessProbe: {{httpGet: {{path: /, port: 9646}}}}
"""
STRICT: Final = GracePolicy(profile=Profile.STRICT)
OF_A_STOP: Final = {"shutdown", "probes"}


def pod(line: str, grace: int = 30) -> str:
    """A pod with a container that it starts."""
    return POD.format(command=line.split(), grace=grace)


@pytest.mark.parametrize(("line", "name"), BY_NAME.items())
def test_it_is_recognised_by_its_name(started: Callable[..., PythonProcess], line: str, name: str) -> None:
    """It is Python, whatever runs inside of it, and has no table."""
    process = started(line)
    assert (name, Runtime.PYTHON, None) == (process.name, process.runtime, process.server)


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("line", BY_NAME)
def test_no_signal_is_foretold(process: Callable[..., PythonProcess], line: str, signal: str) -> None:
    """Whichever an image names: its own code decides."""
    assert OnTerm.UNKNOWN is process(pod(line), ImageConfig("image", stop_signal=signal)).shutdown.on_term


@pytest.mark.parametrize("line", BY_NAME)
def test_its_timeline_claims_nothing(timelines: Callable[..., dict[str, Timeline]], line: str) -> None:
    """Neither how long it takes to stop, nor where it listens, what becomes of connections, or what memory it needs."""
    timeline = timelines(pod(line))["web"]
    process = timeline.process

    assert timeline.stop.drained is None
    assert isinstance(process.shutdown.drain, Unknown)
    assert isinstance(process.addresses.binds, Unknown)
    assert isinstance(process.worker_processes, Unknown)
    assert (False, "", None) == (process.serves_requests, process.shutdown.closes, process.memory_floor)


@pytest.mark.parametrize("grace", [1, 30, 3600])
@pytest.mark.parametrize("line", BY_NAME)
def test_nothing_is_found_about_its_stop(verdict: Callable[..., Verdict], line: str, grace: int) -> None:
    """However short or long its grace period is, and whatever port is probed; not even with a doubt."""
    judged = verdict(pod(line, grace), STRICT)
    assert not judged.misread
    assert [] == [ruling.rule.id for ruling in judged.rulings if ruling.rule.concern in OF_A_STOP]
