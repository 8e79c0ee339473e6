"""Timelines: start-up and shutdown in seconds, by the kubelet's own arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.document import Document, render_path
from gracekeeper_policies.judge import no_images
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.timeline import Stop, Timeline, timelines_of
from gracekeeper_policies.workload import Workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Callable

Timelines = dict[str, Timeline]


@pytest.fixture
def stop(timelines: Callable[..., Timelines]) -> Callable[..., Stop]:
    """Reads how gunicorn, with a pre-stop hook, is stopped in a grace period."""

    def _stop(hook: str = "{}", grace: int = 30, command: str = "[gunicorn, a:a]", kubernetes: str = "1.34") -> Stop:
        lifecycle = f"lifecycle: {{preStop: {hook}}}"
        pod = (
            f"{{terminationGracePeriodSeconds: {grace}, containers: [{{name: web, command: {command}, {lifecycle}}}]}}"
        )
        return timelines(pod, kubernetes)["web"].stop

    return _stop


@pytest.mark.parametrize(
    ("grace", "seconds", "signalled", "killed"),
    [
        (30, 0, 0, 30),
        (30, 5, 5, 30),
        (30, 28, 28, 30),
        (30, 29, 29, 31),
        (30, 30, 30, 32),
        (30, 600, 30, 32),
        (1, 0, 0, 2),
        (2, 1, 1, 3),
        (0, 0, 0, 2),
        (0, 5, 1, 3),
        (-5, 0, 0, 2),
    ],
)
def test_sigkill_follows_by_the_kubelets_formula(
    stop: Callable[..., Stop], grace: int, seconds: int, signalled: float, killed: float
) -> None:
    """max(2, grace − whole seconds of the hook) after the signal; a hook ends with the grace; below 1 counts as 1."""
    told = stop(f"{{sleep: {{seconds: {seconds}}}}}", grace)
    assert (signalled, killed) == (told.signalled, told.killed)


@given(st.integers(-5, 600), st.floats(0, 600).map(lambda seconds: round(seconds, 1)))
def test_the_signal_never_leaves_less_than_two_seconds(grace: int, seconds: float) -> None:
    """And never more than the grace period and those two seconds pass in all."""
    hook = {"exec": {"command": ["sleep", str(seconds)]}}
    spec = {"terminationGracePeriodSeconds": grace, "containers": [{"name": "web", "lifecycle": {"preStop": hook}}]}
    workload = read_workload(Document({"apiVersion": "v1", "kind": "Pod", "spec": spec}), Neighbours())
    assert isinstance(workload, Workload)
    [timeline] = timelines_of(PodProcesses(workload, no_images))
    told, effective = timeline.stop, max(grace, 1)
    assert max(2, effective - int(told.signalled)) == pytest.approx(told.budget)
    assert min(seconds, effective) == told.signalled
    assert max(effective, 2) <= told.killed <= effective + 2


def test_part_of_a_second_is_in_the_workloads_favour(stop: Callable[..., Stop]) -> None:
    """The kubelet counts whole seconds."""
    told = stop("{exec: {command: [sleep, '4.9']}}")
    assert told.signalled == pytest.approx(4.9)
    assert told.budget == pytest.approx(26)


@pytest.mark.parametrize(
    ("hook", "seconds", "handler"),
    [
        ("null", 0, ""),
        ("{}", 0, ""),
        ("{sleep: {seconds: 5}}", 5, "sleep"),
        ("{sleep: {seconds: 0}}", 0, "sleep"),
        ("{exec: {command: [sleep, '5']}}", 5, "exec"),
        ("{exec: {command: [/bin/sleep, 1m]}}", 60, "exec"),
        ("{exec: {command: [sleep, infinity]}}", float("inf"), "exec"),
        ("{exec: {command: [sh, -c, sleep 5]}}", 5, "exec"),
        ("{exec: {command: [/bin/sh, -c, 'sleep 5; sleep 2.5']}}", 7.5, "exec"),
        ("{exec: {command: [sh, -c, 'sleep 5 &']}}", 0, "exec"),
        ("{exec: {command: []}}", 0, "exec"),
        ("{tcpSocket: {port: 80}}", 0, "tcpSocket"),
    ],
)
def test_a_hook_delays_for_certain(
    timelines: Callable[..., Timelines], hook: str, seconds: float, handler: str
) -> None:
    """What it sleeps in the foreground; a TCP hook always fails at once."""
    told = timelines(f"containers: [{{name: web, lifecycle: {{preStop: {hook}}}}}]")["web"].pre_stop
    assert (seconds, handler) == (told.seconds, told.handler)


@pytest.mark.parametrize(
    ("hook", "seconds", "unknown"),
    [
        ("{httpGet: {port: 80}}", 0, "how long its HTTP answer takes is not known"),
        ("{exec: {command: [nginx, -s, quit]}}", 0, "how long nginx takes is not known"),
        ("{exec: {command: [sh, -c, 'sleep 5; ./drain']}}", 5, "how long drain takes is not known"),
        ("{exec: {command: [sh, /drain.sh]}}", 0, "its script is not in sight"),
        ("{exec: {command: [sleep, $(DELAY)]}}", 0, "how long sleep takes is not known"),
    ],
)
def test_what_a_hook_takes_beyond_that_is_unknown(
    timelines: Callable[..., Timelines], hook: str, seconds: float, unknown: str
) -> None:
    """Kubernetes expands nothing in a hook."""
    told = timelines(f"containers: [{{name: web, lifecycle: {{preStop: {hook}}}}}]")["web"].pre_stop
    assert (seconds, unknown) == (told.seconds, told.unknown)


@pytest.mark.parametrize(("kubernetes", "seconds"), [("1.29", 0), ("1.30", 5)])
def test_a_sleep_action_needs_its_kubernetes(
    timelines: Callable[..., Timelines], kubernetes: str, seconds: float
) -> None:
    """Before 1.30 the field was dropped."""
    pod = "containers: [{name: web, lifecycle: {preStop: {sleep: {seconds: 5}}}}]"
    assert seconds == timelines(pod, kubernetes)["web"].pre_stop.seconds


@pytest.mark.parametrize(
    ("command", "drained"),
    [
        ("[gunicorn, 'a:a']", 35),
        ("[gunicorn, --graceful-timeout=10, 'a:a']", 15),
        ("[uvicorn, 'a:a']", None),
        ("[uvicorn, --timeout-graceful-shutdown=3, 'a:a']", 8),
        ("[su, app, -c, 'exec gunicorn a:a']", 7),
        ("[su, app, -c, 'exec uvicorn a:a']", 7),
        ("[runuser, -u, app, --, gunicorn, 'a:a']", 7),
        ("[dash, -c, 'gunicorn a:a']", None),
        ("[python, app.py]", None),
        ("[./run]", None),
    ],
)
def test_the_drain_begins_with_the_signal(stop: Callable[..., Stop], command: str, drained: float | None) -> None:
    """It ends with the server's own limit, or with a wrapper's patience; None where nothing is known to end it."""
    assert drained == stop("{sleep: {seconds: 5}}", command=command).drained


def test_a_declared_drain_holds_for_an_unknown_program(timelines: Callable[..., Timelines]) -> None:
    """Once the signal is known to arrive."""
    told = timelines("""
        apiVersion: v1
        kind: Pod
        metadata: {annotations: {gracekeeper.dev/shutdown-seconds: "45"}}
        spec: {containers: [{name: web, command: [./run]}]}
    """)["web"]
    assert (45, True) == (told.stop.drained, told.process.shutdown.is_declared)


@pytest.mark.parametrize(
    ("command", "unbounded"),
    [
        ("[uvicorn, 'a:a']", True),
        ("[celery, -A, a, worker]", True),
        ("[gunicorn, 'a:a']", False),
        ("[uvicorn, --timeout-graceful-shutdown=3, 'a:a']", False),
        ("[su, app, -c, 'exec uvicorn a:a']", False),
        ("[dash, -c, 'uvicorn a:a']", False),
        ("[./run]", False),
    ],
)
def test_only_a_server_that_waits_for_ever_is_unbounded(
    timelines: Callable[..., Timelines], command: str, *, unbounded: bool
) -> None:
    """And only where it hears the signal."""
    assert unbounded == timelines(f"containers: [{{name: web, command: {command}}}]")["web"].is_unbounded


SIDECAR = """
terminationGracePeriodSeconds: 30
initContainers:
- name: proxy
  restartPolicy: Always
  command: [gunicorn, --graceful-timeout=1, "a:a"]
  livenessProbe: {httpGet: {port: 1}, terminationGracePeriodSeconds: 10}
containers:
- {name: web, command: [gunicorn, --graceful-timeout=12, "a:a"]}
- {name: tail, command: [gunicorn, --graceful-timeout=4, "a:a"], lifecycle: {preStop: {sleep: {seconds: 3}}}}
"""


def test_a_native_sidecar_is_signalled_after_the_main_containers(timelines: Callable[..., Timelines]) -> None:
    """When the last of them is gone; it gets what is left."""
    told = timelines(SIDECAR)
    assert (12, 30, 13) == (told["proxy"].stop.signalled, told["proxy"].stop.killed, told["proxy"].stop.drained)


def test_a_main_container_that_may_take_all_leaves_its_sidecar_two_seconds(timelines: Callable[..., Timelines]) -> None:
    """However large the grace period."""
    told = timelines(SIDECAR.replace("--graceful-timeout=12", "--graceful-timeout=99"))["proxy"].stop
    assert (30, 32) == (told.signalled, told.killed)


def test_main_containers_stop_in_parallel(timelines: Callable[..., Timelines]) -> None:
    """One's hook delays no other."""
    told = timelines(SIDECAR)
    assert (0, 3) == (told["web"].stop.signalled, told["tail"].stop.signalled)


def test_a_probe_kills_its_container_alone(timelines: Callable[..., Timelines]) -> None:
    """With its own grace period, and without waiting for others."""
    of_pod, of_probe = timelines(SIDECAR)["proxy"].stops
    assert (30, 10) == (of_pod.grace, of_probe.grace)
    assert (0, 10, "its liveness probe fails") == (of_probe.signalled, of_probe.killed, of_probe.occasion)
    path = "spec.template.spec.initContainers[0].livenessProbe.terminationGracePeriodSeconds"
    assert path == render_path(of_probe.path)


@pytest.mark.parametrize(
    ("probes", "occasions"),
    [
        ("livenessProbe: {exec: {}, terminationGracePeriodSeconds: 5}", 2),
        ("startupProbe: {exec: {}, terminationGracePeriodSeconds: 5}", 2),
        ("readinessProbe: {exec: {}, terminationGracePeriodSeconds: 5}", 1),
        ("livenessProbe: {exec: {}}", 1),
        ("livenessProbe: {terminationGracePeriodSeconds: 5}", 1),
    ],
)
def test_only_probes_that_kill_have_a_grace_period(
    timelines: Callable[..., Timelines], probes: str, occasions: int
) -> None:
    """Readiness never kills, and a probe that asks nothing is none."""
    assert occasions == len(timelines(f"containers: [{{name: web, {probes}}}]")["web"].stops)


@pytest.mark.parametrize(
    ("limits", "seconds"), [("{}", 0.2), ("{cpu: 2}", 0.2), ("{cpu: 100m}", 2.0), ("{cpu: 0}", 0.2)]
)
def test_a_cold_start_takes_longer_under_a_cpu_limit(
    timelines: Callable[..., Timelines], limits: str, seconds: float
) -> None:
    """The measured CPU seconds of an empty application, over at most one core."""
    pod = f"containers: [{{name: web, command: [gunicorn, 'a:a'], resources: {{limits: {limits}}}}}]"
    assert pytest.approx(seconds) == timelines(pod)["web"].cold_start


@pytest.mark.parametrize("command", ["[python, app.py]", "[./run]"])
def test_the_cold_start_of_what_was_not_measured_is_unknown(timelines: Callable[..., Timelines], command: str) -> None:
    """Nothing is claimed."""
    assert timelines(f"containers: [{{name: web, command: {command}}}]")["web"].cold_start is None


def test_a_declared_start_is_read(timelines: Callable[..., Timelines]) -> None:
    """From the annotation, with its place."""
    told = timelines("""
        apiVersion: v1
        kind: Pod
        metadata: {annotations: {gracekeeper.dev/startup-seconds: "40"}}
        spec: {containers: [{name: web}]}
    """)["web"].declared_start
    assert told is not None
    assert (40, "annotation gracekeeper.dev/startup-seconds") == (told.value, told.source)


@pytest.mark.parametrize("text", ["soon", "-1", "1e3", "", "9" * 400])
def test_a_declaration_that_is_no_number_declares_nothing(timelines: Callable[..., Timelines], text: str) -> None:
    """It is reported elsewhere; no arithmetic may rest on it."""
    told = timelines(f"""
        apiVersion: v1
        kind: Pod
        metadata: {{annotations: {{gracekeeper.dev/startup-seconds: "{text}"}}}}
        spec: {{containers: [{{name: web}}]}}
    """)["web"]
    assert told.declared_start is None


@pytest.mark.parametrize(
    ("container", "doubt"),
    [
        ("command: [gunicorn, 'a:a']", ""),
        ("command: [gunicorn, --graceful-timeout=5, -c, /x.py, 'a:a']", ""),
        ("command: [gunicorn, -c, /x.py, 'a:a']", "it reads /x.py, which is not in sight"),
        ("args: [gunicorn, 'a:a']", "the image's entrypoint runs before these arguments"),
    ],
)
def test_a_drain_says_why_it_may_end_otherwise(timelines: Callable[..., Timelines], container: str, doubt: str) -> None:
    """Nothing where a flag sets it, whatever else is unseen."""
    assert doubt == timelines(f"containers: [{{name: web, {container}}}]")["web"].drain_doubt


def test_a_sidecars_drain_is_never_certain(timelines: Callable[..., Timelines]) -> None:
    """It begins when others end."""
    assert "when the containers before it end" in timelines(SIDECAR)["proxy"].drain_doubt


@pytest.mark.parametrize(
    ("command", "flag", "source", "place"),
    [
        ("[gunicorn, 'a:a']", "--graceful-timeout", "default of gunicorn 27.0.1", None),
        ("[gunicorn, --graceful-timeout=5]", "--graceful-timeout", "--graceful-timeout", 1),
        ("[uvicorn, 'a:a']", "--timeout-graceful-shutdown", "default of uvicorn 0.54.0", None),
        ("[celery, -A, a, worker]", "", "default of celery worker 5.7.0", None),
        ("[./run]", "", "./run is a program that the manifest does not show", None),
    ],
)
def test_a_drain_says_what_sets_it(
    timelines: Callable[..., Timelines], command: str, flag: str, source: str, place: int | None
) -> None:
    """The flag to write, where it was read, and the word that holds it."""
    told = timelines(f"containers: [{{name: web, command: {command}}}]")["web"]
    assert (flag, source) == (told.drain_flag, told.drain_source)
    assert place == (told.drain_path[-1] if told.drain_path else None)


@pytest.mark.parametrize(
    ("script", "preparation"),
    [
        ("python manage.py migrate && exec gunicorn a:a", ("python manage.py migrate",)),
        ("pip install -r requirements.txt; exec gunicorn a:a", ("pip install -r requirements.txt",)),
        ("pip install --quiet --no-cache-dir flask; exec gunicorn a:a", ("pip install flask",)),
        ("sleep 10; exec gunicorn a:a", ("sleep 10",)),
        ("cd /app && export A=b && exec gunicorn a:a", ()),
        ("exec gunicorn a:a", ()),
    ],
)
def test_what_runs_before_the_server_and_takes_its_time_is_told(
    timelines: Callable[..., Timelines], script: str, preparation: tuple[str, ...]
) -> None:
    """In its first words."""
    told = timelines(f"containers: [{{name: web, command: [bash, -c, {script!r}]}}]")["web"]
    assert preparation == told.preparation


@pytest.mark.parametrize(
    ("command", "name"),
    [("[gunicorn, 'a:a']", "gunicorn"), ("[./run]", "the program of web"), ("[]", "the program of web")],
)
def test_a_program_has_a_name_to_speak_of(timelines: Callable[..., Timelines], command: str, name: str) -> None:
    """Its own, or its container's."""
    assert name == timelines(f"containers: [{{name: web, command: {command}}}]")["web"].program_name


def test_a_native_sidecar_waits_for_those_declared_after_it(timelines: Callable[..., Timelines]) -> None:
    """They stop in the reverse order of their start."""
    told = timelines("""
        terminationGracePeriodSeconds: 60
        initContainers:
        - {name: first, restartPolicy: Always, command: [gunicorn, --graceful-timeout=10, "a:a"]}
        - {name: second, restartPolicy: Always, command: [gunicorn, --graceful-timeout=40, "a:a"]}
        containers: [{name: main, command: [gunicorn, --graceful-timeout=5, "a:a"]}]
    """)
    assert (0, 5, 45) == tuple(told[name].stop.signalled for name in ("main", "second", "first"))
