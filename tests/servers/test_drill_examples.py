"""The shutdown rules' own examples, drilled: what a rule calls bad loses requests or tasks, what it calls good none."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import pytest

from gracekeeper_policies.catalog import RULES
from tests.servers.broker import Broker
from tests.servers.contained import ordinary
from tests.servers.drilled import drill, faster, install, pod

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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

_LONG, _SHORT = 20, 1
_WSGI: Final = {"app": "from web import wsgi as app, wsgi as application"}
_ASGI: Final = {"app": "from web import asgi as app"}
_MODULES: Final[Mapping[str, Mapping[str, str]]] = {
    "arq": {"shop": "from arqed import WorkerSettings"},
    "celery": {"shop": "from in_memory import app"},
    "consumer.py": {"consumer": "import time; time.sleep(300)"},
    "dramatiq": {"shop__tasks": "from stubbed import work"},
    "fastapi": {"app": "from fast import app"},
    "gunicorn": _WSGI,
    "rq": {},
    "uwsgi": _WSGI,
    "waitress-serve": _WSGI,
}
"""What the examples name, by the program that loads it; the others load an ASGI application."""


def _examples(kind: str, rules: list[Rule]) -> Iterator[Any]:
    for rule in rules:
        for name, text in getattr(rule.module, kind).items():
            yield pytest.param(rule, text, id=f"{rule.id}: {name}")


def _losing() -> list[Rule]:
    return [rule for rule in SHUTDOWN if rule.id not in LOSES_NOTHING_IN_FLIGHT]


def test_rules_that_are_left_out_are_rules() -> None:
    """Whoever renames a rule hears of it here."""
    assert set() == LOSES_NOTHING_IN_FLIGHT.keys() - {rule.id for rule in SHUTDOWN}


@pytest.mark.parametrize(("rule", "text"), _examples("BAD", _losing()))
def test_bad_example_loses(rule: Rule, text: str, tmp_path: Path) -> None:
    """A request that is long enough is cut, or SIGKILL has to end the container."""
    told, status = _drilled(rule, text, tmp_path, _LONG)

    assert (told["loses"], status) == (True, 1), told
    assert told["differences"] == []


@pytest.mark.parametrize(("rule", "text"), _examples("GOOD", SHUTDOWN))
def test_good_example_loses_nothing(rule: Rule, text: str, tmp_path: Path) -> None:
    """A request that is no longer than the server's limit is finished, and the container ends by itself."""
    told, status = _drilled(rule, text, tmp_path, _SHORT)

    assert (told["loses"], status) == (False, 0), told
    assert told["differences"] == []


def _drilled(rule: Rule, text: str, folder: Path, seconds: int) -> tuple[dict[str, Any], int]:
    for of_the_image, here in (("cd /app", f"cd {folder}"), ("/log", "log"), ("/exporter", "sleep 300")):
        text = text.replace(of_the_image, here)
    spec = faster(text.replace("redis://redis:6379", f"unix://{folder}/redis.sock"))
    container = spec["containers"][0]
    words = " ".join(container["command"]).split()
    install(folder, **next((modules for name, modules in _MODULES.items() if name in words), _ASGI))
    if rule.id == "task-outlives-grace" and seconds == _LONG:
        _give_a_task(container)
    container.setdefault("env", []).append({"name": "BROKER", "value": f"{folder}/redis.sock"})
    (folder / "pod.yaml").write_text(pod(spec))
    occasion = "liveness" if "terminationGracePeriodSeconds" in container.get("livenessProbe", {}) else "pod"
    options = ["--occasion", occasion, "--container", container["name"], "--format", "json"]
    with _broker(folder, seconds) if {"arq", "rq"} & set(words) else nullcontext():
        done = drill(folder, "pod.yaml", "--request", f"/hold/{seconds}", *options)
    return done.told, done.status


def _give_a_task(container: dict[str, Any]) -> None:
    container.setdefault("env", []).append({"name": "TASK", "value": str(_LONG)})
    container["readinessProbe"] = {"exec": {"command": ["test", "-f", "began"]}}


@contextmanager
def _broker(folder: Path, seconds: int) -> Iterator[None]:
    with Broker(folder) as broker:
        environment = ordinary(folder) | {"BROKER": str(broker.socket)}
        text = f"from queued import send; send({seconds})"
        subprocess.run([sys.executable, "-c", text], env=environment, check=True)
        yield
