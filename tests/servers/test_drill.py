"""`gracekeeper drill` on real servers: what it says, how it ends, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.servers.drilled import ALONE, drill, install, pod

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.servers

_USERS_OWN: Final = (*ALONE, "setpriv", "--bounding-set=-sys_admin", "--")
"""Root without the right to make namespaces, as a user has it: what is left is a user namespace."""
_NO_NAMESPACES: Final = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    'echo 0 >/proc/sys/user/max_pid_namespaces && exec "$@"',
    "sh",
)
_WSGI: Final = "from web import wsgi as app"
_ASGI: Final = "from web import asgi as app"
_GUNICORN: Final = ["gunicorn", "--bind=:8000", "--workers=2", "--graceful-timeout=4", "app:app"]
_REPORTING: Final = """\
import time


def app(environ, start):
    time.sleep(3 if environ["PATH_INFO"] == "/report" else 0)
    start("200 OK", [])
    return [b"ok"]
"""
DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "drill.md"
_READY: Final = {"httpGet": {"path": "/ready", "port": 8000}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the applications."""
    install(tmp_path, app=_WSGI)
    return tmp_path


def _write(folder: Path, command: list[str], *, grace: int = 6, **container: object) -> None:
    spec = {"terminationGracePeriodSeconds": grace, "containers": [{"name": "web", "command": command, **container}]}
    (folder / "pod.yaml").write_text(pod(spec), encoding="utf-8")


def test_stop_without_loss(folder: Path) -> None:
    """Two requests are finished, two wait in the listen queue and are lost there, which is told apart."""
    _write(folder, _GUNICORN, readinessProbe=_READY, lifecycle={"preStop": {"sleep": {"seconds": 1}}})

    done = drill(folder, "pod.yaml", "--request", "/hold/3", "--concurrency", "4", "--hold", "0.5", "--format", "json")
    observed = done.told["observed"]

    assert (done.status, done.err, done.told["loses"], done.told["differences"]) == (0, "", False, [])
    assert observed["requests"]["inFlight"] == {"finished": 2, "cut": 0}
    assert sum(observed["requests"]["queued"].values()) == 2
    assert (observed["exitCode"], observed["killedAt"], observed["newConnections"][-1]) == (0, None, "hang")
    assert observed["preStopSeconds"] == pytest.approx(1, abs=0.3)
    assert observed["endedAt"] == pytest.approx(3.5, abs=1)


def test_document_shows_what_is_told(folder: Path) -> None:
    """The manifest and the report in docs/drill.md belong together, but for tenths of seconds."""
    manifest, report = re.findall(r"```(?:yaml|text)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "web.yaml").write_text(manifest, encoding="utf-8")
    (folder / "app.py").write_text(_REPORTING, encoding="utf-8")

    done = drill(folder, "web.yaml", "--request", "/report", "--concurrency", "3")

    assert (done.status, done.err) == (0, "")
    assert re.sub(r"\d\.\d s|─+┤ exits with 0 at .*", "…", report) == re.sub(
        r"\d\.\d s|─+┤ exits with 0 at .*", "…", done.out
    )


def test_limit_cuts_a_request(folder: Path) -> None:
    """The server gives up before Kubernetes does: nobody needs SIGKILL, and yet something is lost."""
    _write(folder, [word.replace("=4", "=1") for word in _GUNICORN])

    done = drill(folder, "pod.yaml", "--request", "/hold/9")

    assert done.status == 1
    assert "requests     2 in flight at SIGTERM: 0 finished, 2 cut\n" in done.out
    assert "2 of 2 requests in flight are cut.\nThat is what was predicted.\n" in done.out


def test_otherwise_than_predicted(folder: Path) -> None:
    """The application has a handler of its own, which no manifest shows: what differs is named."""
    line = "import os, signal, web; app = web.wsgi; signal.signal(signal.SIGTERM, lambda *_: os._exit(7))"
    install(folder, app=line)
    _write(folder, ["waitress-serve", "--port=8000", "app:app"])

    done = drill(folder, "pod.yaml", "--request", "/hold/9", "--format", "json")

    assert done.status == 1
    assert done.told["observed"]["exitCode"] == 7
    assert done.told["differences"] == [
        f"it ends by itself at {done.told['observed']['endedAt']:.0f} s, and was predicted to go on until SIGKILL at 6"
    ]


def test_new_connections_are_refused(folder: Path) -> None:
    """Those who come while uvicorn finishes what it has find its port closed."""
    install(folder, app=_ASGI)
    _write(folder, ["uvicorn", "app:app"])

    done = drill(folder, "pod.yaml", "--request", "/hold/4")

    assert done.status == 0
    assert "newcomers    new connections after SIGTERM are refused (as predicted)\n" in done.out


def test_environment_of_the_manifest_and_its_config_map(folder: Path) -> None:
    """The program sees what the pod's would: variables, and the readiness probe runs beside it."""
    metadata = {"name": "web", "namespace": "shop"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"GREETING": "hello"}}
    script = 'echo "$GREETING" > said; exec sleep 100'
    probe, source = {"exec": {"command": ["grep", "hello", "said"]}}, {"configMapRef": {"name": "web"}}
    _write(folder, ["sh", "-c", script], grace=2, envFrom=[source], readinessProbe=probe)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")

    done = drill(folder, "pod.yaml", "config.json")

    assert (done.status, (folder / "said").read_text()) == (1, "hello\n")
    assert "requests     none: it listens on no port that is known\n" in done.out
    assert "SIGKILL is needed at 2" in done.out


def test_pre_stop_command_runs_in_the_container(folder: Path) -> None:
    """It sees the container's PID 1, and may stop it before the signal does."""
    hook = {"exec": {"command": ["sh", "-c", "kill -TERM 1; sleep 3"]}}
    _write(folder, _GUNICORN, lifecycle={"preStop": hook})

    done = drill(folder, "pod.yaml", "--request", "/hold/2", "--format", "json")

    assert (done.status, done.told["observed"]["signalledAt"]) == (0, None)
    assert done.told["differences"][0].startswith("it is gone before the stop signal")


def test_pre_stop_command_that_fails(folder: Path) -> None:
    """Kubernetes goes on without it, and so does the drill, which says what it said."""
    _write(folder, _GUNICORN, lifecycle={"preStop": {"exec": {"command": ["sh", "-c", "echo no such thing; exit 4"]}}})

    assert "pre-stop     the hook fails: it ended with 4: no such thing\n" in drill(folder, "pod.yaml").out


def test_pre_stop_request(folder: Path) -> None:
    """The hook asks the server itself, over HTTP."""
    _write(folder, _GUNICORN, lifecycle={"preStop": {"httpGet": {"path": "/hold/1", "port": 8000}}})

    observed = drill(folder, "pod.yaml", "--concurrency", "1", "--format", "json").told["observed"]

    assert (observed["preStopTrouble"], observed["preStopSeconds"]) == (None, pytest.approx(1, abs=0.4))


def test_user_namespace_where_root_has_no_right(folder: Path) -> None:
    """Whoever is not root drills as well; probes and hooks get into the namespace too."""
    _write(
        folder,
        _GUNICORN,
        readinessProbe={"exec": {"command": ["sh", "-c", "test $$ -lt 100"]}},
        lifecycle={"preStop": {"exec": {"command": ["sleep", "1"]}}},
    )

    done = drill(folder, "pod.yaml", "--request", "/hold/2", prefix=_USERS_OWN)

    assert (done.status, done.err) == (0, "")
    assert "That is what was predicted." in done.out


def test_no_namespaces(folder: Path) -> None:
    """Where nobody may make one, that is said with what the system said."""
    _write(folder, _GUNICORN)

    done = drill(folder, "pod.yaml", prefix=_NO_NAMESPACES)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("gracekeeper: no PID namespace can be made here (unshare: unshare failed: ")


def test_program_that_ends_before_it_is_ready(folder: Path) -> None:
    """Its last words say why, and so does the path that only the image has."""
    _write(folder, ["sh", "-c", "cd /no-such-app && exec gunicorn app:app"])

    done = drill(folder, "pod.yaml")

    assert (done.status, done.out) == (2, "")
    names = "Its command names /no-such-app, which is not on this machine."
    assert done.err.splitlines() == [
        f"gracekeeper: gunicorn ended with 2 before it was ready. {names} It wrote:",
        "    sh: 1: cd: can't cd to /no-such-app",
    ]


def test_program_that_is_never_ready(folder: Path) -> None:
    """The wait ends when a probe would restart it, and the answer says what was asked."""
    startup = {"tcpSocket": {"port": 8000}, "periodSeconds": 1, "failureThreshold": 1}
    _write(folder, _GUNICORN, readinessProbe={"httpGet": {"path": "/", "port": 9000}}, startupProbe=startup)

    done = drill(folder, "pod.yaml")

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(
        "gracekeeper: gunicorn is not ready after 2 s, when its startup probe would restart it "
        "(GET http://127.0.0.1:9000/: connection refused). It wrote:\n"
    )
    assert "Listening at: http://0.0.0.0:8000" in done.err


def test_requests_that_do_not_arrive(folder: Path) -> None:
    """A server that hangs up on every request shows nothing of its stop."""
    line = "import socket; s = socket.create_server(('127.0.0.1', 8000))\\nwhile True: s.accept()[0].close()"
    _write(folder, ["python", "-c", f"exec({line!r})".replace("\\\\n", "\\n")], ports=[{"containerPort": 8000}])

    done = drill(folder, "pod.yaml", "--request", "/slow")

    assert done.status == 2
    assert "is ready, but GET http://127.0.0.1:8000/slow gets no answer: the connection is closed." in done.err


def test_taken_port(folder: Path) -> None:
    """Nothing is started, and nothing that runs is touched."""
    _write(folder, _GUNICORN)
    taken = f'{sys.executable} -m http.server 8000 >/dev/null 2>&1 & sleep 1; "$@"; status=$?; kill $!; exit $status'

    done = drill(folder, "pod.yaml", prefix=(*ALONE, "sh", "-c", taken, "sh"))

    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "gracekeeper: port 8000 is taken: another program on this machine listens there. End it, and drill again.\n"
    )


@pytest.mark.parametrize(("ending", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGKILL, -9)])
@pytest.mark.parametrize("while_", ["waiting", "hooked"])
def test_nothing_outlives_us(folder: Path, ending: signal.Signals, status: int, while_: str) -> None:
    """Ctrl-C, or the end of our own process by whatever signal, takes the program, its children and the hook along."""
    script = "sleep 300 & touch started; sleep 300; true"
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "touch hooked; sleep 300; true"]}}}
    probe = {"exec": {"command": ["test", "-f", "started" if while_ == "hooked" else "never"]}}
    _write(folder, ["sh", "-c", script], grace=600, lifecycle=hook, readinessProbe=probe)
    with subprocess.Popen(
        [sys.executable, "-m", "gracekeeper", "drill", "pod.yaml"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as drilling:
        _await(folder / ("hooked" if while_ == "hooked" else "started"))
        time.sleep(0.3)
        assert len(list(_processes_in(folder))) > 1
        drilling.send_signal(ending)
        assert drilling.wait(20) == status

    deadline = time.monotonic() + 5
    while list(_processes_in(folder)):
        assert time.monotonic() < deadline, list(_processes_in(folder))
        time.sleep(0.05)


def _await(file: Path) -> None:
    deadline = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _processes_in(folder: Path) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.joinpath("cwd").readlink() == folder and process.name != str(os.getpid()):
                yield process.joinpath("cmdline").read_text()
