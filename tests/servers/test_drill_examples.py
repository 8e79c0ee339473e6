"""The shutdown rules' own examples, drilled: what a rule calls bad loses requests or tasks, what it calls good none."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import pytest

from gracekeeper_policies.catalog import RULES
from tests.servers.broker import Broker
from tests.servers.contained import ordinary
from tests.servers.drilled import GRACE, drill, faster, install, pod

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gracekeeper_policies.rule import Rule

pytestmark = pytest.mark.servers

SHUTDOWN: Final = [rule for rule in RULES if rule.concern == "shutdown"]
LOSES_NOTHING_IN_FLIGHT: Final = {
    "background-process-unsupervised": "a process beside the server is killed; the server itself stops in peace",
    "development-server": "how it stops is the least of what it does, and is told apart for each server",
    "drain-delay-missing": "those are lost who come later",
    "pre-stop-ineffective": "those are lost who come later",
}
"""Rules whose fault is neither a request that is cut nor SIGKILL, and what it is."""
NOT_SEEN: Final = {
    **dict.fromkeys(
        ("celery is told to stop cold", "an init sends it to the processes of celery's pool"),
        "a task that is dropped breaks no request and needs no SIGKILL",
    ),
    "supervisord kills the worker before Kubernetes does": "it does that by itself, and ends in peace",
}
"""Examples whose loss no drill sees, and why."""
_MOUNTED: Final = ("/etc/shop", "/app")
"""Where the examples mount files: a drill mounts nothing, so that they have to be here."""

_LONG, _SHORT = 20, 1
_TO_SPARE: Final = 3
"""Seconds for a busy machine, where a grace period of three would be all there is."""
_WSGI: Final = {"app": "from web import wsgi as app, wsgi as application"}
_ASGI: Final = {"app": "from web import asgi as app"}
_MODULES: Final[Mapping[str, Mapping[str, str]]] = {
    "aiohttp.web": {"shop__web": "from aio import made"},
    "arq": {"shop": "from arqed import WorkerSettings"},
    "celery": {"shop": "from celeried import app"},
    "consumer.py": {"consumer": "import time; time.sleep(300)"},
    "dramatiq": {"shop__tasks": "from dramatic import task"},
    "fastapi": {"app": "from fast import app"},
    "granian": {"app": "from web import rsgi as app"},
    "gunicorn": _WSGI,
    "rq": {},
    "supervisord": {"shop__wsgi": "from web import wsgi as application"},
    "uwsgi": _WSGI,
    "waitress-serve": _WSGI,
}
"""What the examples name, by the program that loads it; the others load an ASGI application."""
_SENDERS: Final = {"arq": "arqed", "celery": "celeried", "dramatiq": "dramatic", "rq": "queued"}
"""The module that sends a worker's task, by its program."""


def _examples(kind: str, rules: list[Rule]) -> list[Any]:
    return [
        pytest.param(text, id=f"{rule.id}: {name}")
        for rule in rules
        for name, text in getattr(rule.module, kind).items()
        if name not in NOT_SEEN
    ]


def _losing() -> list[Rule]:
    return [rule for rule in SHUTDOWN if rule.id not in LOSES_NOTHING_IN_FLIGHT]


def test_rules_that_are_left_out_are_rules() -> None:
    """Whoever renames a rule hears of it here."""
    assert set() == LOSES_NOTHING_IN_FLIGHT.keys() - {rule.id for rule in SHUTDOWN}
    assert set() == NOT_SEEN.keys() - {name for rule in SHUTDOWN for name in rule.module.BAD}


@pytest.mark.parametrize("text", _examples("BAD", _losing()))
def test_bad_example_loses(text: str, tmp_path: Path) -> None:
    """A request that is long enough is cut, or SIGKILL has to end the container."""
    told, status = _drilled(text, tmp_path, _LONG)

    assert (told["loses"], status) == (True, 1), told
    assert told["differences"] == []


@pytest.mark.parametrize("text", _examples("GOOD", SHUTDOWN))
def test_good_example_loses_nothing(text: str, tmp_path: Path) -> None:
    """A request that is no longer than the server's limit is finished, and the container ends by itself."""
    told, status = _drilled(text, tmp_path, _SHORT)

    assert (told["loses"], status) == (False, 0), told
    assert told["differences"] == []


def _drilled(text: str, folder: Path, seconds: int) -> tuple[dict[str, Any], int]:
    for of_the_image, here in (("cd /app", f"cd {folder}"), ("/log", "log"), ("/exporter", "sleep 300")):
        text = text.replace(of_the_image, here)
    for mounted in _MOUNTED:
        text = text.replace(mounted, str(folder))
    spec, *others = faster(text.replace("redis://redis:6379", f"unix://{folder}/redis.sock"))
    _mount(others, folder)
    if seconds == _SHORT and spec.get(GRACE, 0) > 0:
        spec[GRACE] += _TO_SPARE
    container = spec["containers"][0]
    words = " ".join(container["command"]).split()
    install(folder, **next((modules for name, modules in _MODULES.items() if name in words), _ASGI))
    container.setdefault("env", []).append({"name": "BROKER", "value": f"{folder}/redis.sock"})
    occasion = "liveness" if "terminationGracePeriodSeconds" in container.get("livenessProbe", {}) else "pod"
    options = ["--occasion", occasion, "--container", container["name"], "--format", "json"]
    sender = next((module for name, module in _SENDERS.items() if name in words), "")
    with Broker(folder) if sender else nullcontext():
        if sender and seconds == _LONG:
            _send_a_task(sender, container, folder)
        (folder / "pod.yaml").write_text(pod(spec, *others))
        done = drill(folder, "pod.yaml", "--request", f"/hold/{seconds}", "--hold", "0.5", *options)
    return done.told, done.status


def _mount(config_maps: list[Any], folder: Path) -> None:
    for config_map in config_maps:
        for name, text in config_map["data"].items():
            (folder / name).write_text(text)


def _send_a_task(sender: str, container: dict[str, Any], folder: Path) -> None:
    container["readinessProbe"] = {"exec": {"command": ["test", "-f", "began"]}}
    environment = ordinary(folder) | {"BROKER": f"{folder}/redis.sock"}
    subprocess.run([sys.executable, "-c", f"from {sender} import send; send({_LONG})"], env=environment, check=True)
