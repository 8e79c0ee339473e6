"""What a drill is going to do, read out of a manifest and of the machine."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from gracekeeper.drill.address import Address
from gracekeeper.drill.plan import Asked
from gracekeeper.drill.probing import Command, Connect, Get, Question
from gracekeeper.errors import InputError, SurroundingsError
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.server import OnTerm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gracekeeper.drill.plan import Plan

    Planned = Callable[..., Plan]


def _web(more: str = "", command: str = '[gunicorn, --bind=:8000, "app:app"]') -> str:
    return f"containers: [{{name: web, image: shop/web, command: {command}{', ' * bool(more)}{more}}}]"


def test_environment_is_the_manifests(planned: Planned, programs: Path) -> None:
    """Variables come from env and ConfigMaps, and only the machine's own three from here."""
    env = "env: [{name: A, value: $(MODE)er}], envFrom: [{configMapRef: {name: web}}]"

    found = planned(_web(env), SHELL="/bin/zsh").surroundings

    assert found.environment == {"PATH": str(programs), "HOME": "/home/me", "MODE": "fast", "A": "faster"}
    assert found.notes == ()


def test_path_of_the_manifest_comes_first(planned: Planned, programs: Path) -> None:
    """Programs lie elsewhere here than in the container."""
    found = planned(_web("env: [{name: PATH, value: /opt/venv/bin}]"))

    assert f"/opt/venv/bin:{programs}" == found.surroundings.environment["PATH"]


def test_secret_is_taken_from_here_and_that_is_said(planned: Planned) -> None:
    """What the input cannot hold may be given by whoever drills; the command sees it too."""
    spec = _web(
        "env: [{name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}]", '[gunicorn, "--env=A=$(KEY)", "app:app"]'
    )

    assert planned(spec, KEY="abc").surroundings.words == ("gunicorn", "--env=A=abc", "app:app")
    assert planned(spec, KEY="abc").notes == ("KEY comes from Secret s: it is taken from this environment",)


def test_what_is_not_set_is_said(planned: Planned) -> None:
    """A variable that nobody knows is left out, and so is a whole Secret."""
    spec = _web("env: [{name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}], envFrom: [{secretRef: {name: all}}]")

    assert "KEY" not in planned(spec).surroundings.environment
    assert planned(spec).notes == (
        "KEY comes from Secret s: it is not set",
        "the variables of Secret all are not in the input",
    )


def test_working_directory_that_is_missing_is_the_current_one(
    planned: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application lies elsewhere here than in the image."""
    monkeypatch.chdir(tmp_path)

    plan = planned(_web("workingDir: /nowhere/app"))

    assert plan.surroundings.folder == str(tmp_path)
    assert plan.notes == ("its working directory /nowhere/app is not on this machine: it runs in the current one",)


def test_working_directory_that_is_there_is_kept(planned: Planned, tmp_path: Path) -> None:
    """What the manifest says holds where it can."""
    plan = planned(_web(f"workingDir: {tmp_path}"))

    assert (plan.surroundings.folder, plan.notes) == (str(tmp_path), ())


def test_containers_beside_it_do_not_run(planned: Planned) -> None:
    """A pod is more than the container that is drilled."""
    spec = 'containers: [{name: web, image: x, command: [gunicorn, "app:app"]}, {name: proxy, image: nginx}]'

    assert planned(spec).notes == ("of its pod it runs alone, without proxy",)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("[hypercorn]", "the command hypercorn is not on PATH on this machine."),
        ("[/app/start.sh]", "the command /app/start.sh is not on this machine."),
        ("[./notes.txt]", "the command ./notes.txt may not be executed on this machine."),
    ],
)
def test_command_that_is_not_here(
    planned: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, message: str
) -> None:
    """A drill runs the container's own command, so it has to be here."""
    (tmp_path / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SurroundingsError) as error:
        planned(_web(command=command))

    assert error.value.message == message


def test_command_that_only_the_image_knows(planned: Planned) -> None:
    """What would tell it is named."""
    with pytest.raises(InputError, match=r"what container web runs is not told.*--dockerfile"):
        planned("containers: [{name: web, image: shop/web}]")


def test_container_of_windows(planned: Planned) -> None:
    """Its signals mean nothing here."""
    with pytest.raises(InputError, match="runs on Windows"):
        planned(f"os: {{name: windows}}\n{_web()}")


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ('[gunicorn, --bind=0.0.0.0:9000, "app:app"]', "127.0.0.1:9000"),
        ('[gunicorn, "--bind=[::]:9000", "app:app"]', "[::1]:9000"),
        ('[gunicorn, "app:app"]', "127.0.0.1:8000"),
        ("[python, serve.py]", "127.0.0.1:7000"),
    ],
)
def test_requests_go_where_it_listens(planned: Planned, command: str, address: str) -> None:
    """The server's own settings say where, else the port that the container declares."""
    plan = planned(_web("ports: [{containerPort: 7000}]", command))

    assert plan.requests is not None
    assert str(plan.requests) == f"GET http://{address}/"


def test_worker_is_asked_nothing(planned: Planned) -> None:
    """Whoever serves no requests gets none, whatever port it declares."""
    plan = planned(_web("ports: [{containerPort: 5555}]", "[celery, -A, shop, worker]"))

    assert (plan.requests, plan.latecomers, plan.readiness, plan.addresses) == (None, None, None, ())


def test_as_many_requests_as_it_serves_at_once(planned: Planned) -> None:
    """Workers times threads, unless the call says another number."""
    spec = _web(command='[gunicorn, --workers=3, --threads=2, "app:app"]')

    assert planned(spec).concurrency == 6
    assert planned(spec, asked=Asked(concurrency=9)).concurrency == 9
    assert planned(_web(command='[uvicorn, "app:app"]')).concurrency == 1


HERE = Address("127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("probe", "question"),
    [
        ("{httpGet: {path: ready, port: 8000}, timeoutSeconds: 3}", Question(Get(HERE, "/ready"), 3)),
        (
            "{httpGet: {path: /r, port: http, scheme: HTTPS, httpHeaders: [{name: Host, value: shop.example.com}]}}",
            Question(Get(HERE, "/r", {"Host": "shop.example.com"}, is_tls=True)),
        ),
        ("{tcpSocket: {port: 8000}}", Question(Connect(HERE))),
        ("{exec: {command: [test, -f, ready]}}", Question(Command(("test", "-f", "ready")))),
        ("{grpc: {port: 8000}}", Question(Connect(Address("0.0.0.0", 8000)))),
    ],
)
def test_readiness_is_asked_as_the_manifest_asks(planned: Planned, probe: str, question: Question) -> None:
    """By HTTP with its headers, by a connection, by a command; gRPC is only knocked at."""
    plan = planned(_web(f"readinessProbe: {probe}, ports: [{{name: http, containerPort: 8000}}]"))

    assert plan.readiness == question


def test_requests_bear_the_probes_host_header(planned: Planned) -> None:
    """An application that knows its own names answers to no other."""
    headers = "httpHeaders: [{name: Host, value: shop.example.com}]"
    plan = planned(_web(f"readinessProbe: {{httpGet: {{path: /ready, port: 8000, {headers}}}}}"), asked=Asked("/slow"))

    assert plan.requests is not None
    assert plan.latecomers is not None
    assert (plan.requests.path, plan.requests.headers) == ("/slow", {"Host": "shop.example.com"})
    assert plan.latecomers.path == "/ready"


@pytest.mark.parametrize(
    ("probes", "seconds", "limit"),
    [
        ("", 60, ""),
        ("readinessProbe: {tcpSocket: {port: 8000}, failureThreshold: 30}", 300, ""),
        (
            "startupProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}, livenessProbe: {tcpSocket: {port: 8000}}",
            4,
            ", when its startup probe would restart it",
        ),
    ],
)
def test_start_may_take_as_long_as_probes_let_it(planned: Planned, probes: str, seconds: float, limit: str) -> None:
    """A probe that restarts the container ends the wait; a readiness probe never gives up, and we do after a while."""
    plan = planned(_web(probes))

    assert (plan.patience, plan.limit) == (seconds, limit)


@pytest.mark.parametrize(
    ("hook", "does"),
    [
        ("{sleep: {seconds: 5}}", 5.0),
        ('{exec: {command: [sleep, "5"]}}', Command(("sleep", "5"))),
        ("{httpGet: {path: /stop, port: 8001}}", Get(Address("127.0.0.1", 8001), "/stop")),
        ("{tcpSocket: {port: 8000}}", 0.0),
    ],
)
def test_pre_stop_hook_is_the_manifests(planned: Planned, hook: str, does: object) -> None:
    """It sleeps, runs a command or asks; a connection does nothing, as in Kubernetes."""
    assert planned(_web(f"lifecycle: {{preStop: {hook}}}")).hook == does


def test_stop_signal_of_the_image(planned: Planned) -> None:
    """What the image says is sent, and foretold."""
    plan = planned(_web(), image=ImageConfig("web/Dockerfile", stop_signal="SIGQUIT"))

    assert (plan.signal, plan.notes) == (signal.SIGQUIT, ())
    assert plan.timeline.process.shutdown.on_term is OnTerm.DROPS


def test_stop_signal_of_the_manifest_beats_it(planned: Planned) -> None:
    """It counts in few clusters, and the report says so; what is foretold is foretold of it."""
    plan = planned(_web("lifecycle: {stopSignal: SIGQUIT}"))

    assert plan.signal == signal.SIGQUIT
    assert plan.timeline.process.shutdown.on_term is OnTerm.DROPS
    assert plan.notes == (
        "SIGQUIT is sent, as lifecycle.stopSignal asks; it counts where the feature gate ContainerStopSignals is on",
    )


def test_real_time_signal(planned: Planned) -> None:
    """Kubernetes names them by their distance from the first."""
    assert planned(_web("lifecycle: {stopSignal: SIGRTMIN+3}")).signal == signal.SIGRTMIN + 3


def test_stop_signal_that_is_none(planned: Planned) -> None:
    """Nothing can be sent by that name."""
    with pytest.raises(InputError, match="SIGFOO is no signal"):
        planned(_web("lifecycle: {stopSignal: SIGFOO}"))


def test_stop_by_a_probe_has_its_own_grace_period(planned: Planned) -> None:
    """A liveness probe may grant less than the pod does."""
    spec = _web("livenessProbe: {tcpSocket: {port: 8000}, terminationGracePeriodSeconds: 7}")

    assert planned(spec, "liveness").stop.grace == 7
    assert planned(spec).stop.grace == 30
    with pytest.raises(InputError, match="no startup probe with a grace period of its own"):
        planned(spec, "startup")


def test_paths_that_the_command_names_and_nobody_has(planned: Planned) -> None:
    """They explain most failures of a start; what programs make themselves is left out."""
    command = '[sh, -c, "cd /app-nowhere/src && exec python /etc/hostname --pid /run/x.pid --url http://a/b /tmp/none"]'

    assert planned(_web(command=command)).surroundings.missing_paths == ("/app-nowhere/src",)
