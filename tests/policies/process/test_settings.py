"""Settings: who sets an option and who wins, as each server really resolves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.provenance import Default, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

FILE = "workers = 5\nbind = '0.0.0.0:5000'\ngraceful_timeout = 50\n"


@pytest.fixture
def setting(process: Callable[..., PythonProcess]) -> Callable[..., Any]:
    """Reads one option of a server: its command line, its environment and, if given, its `/etc/gunicorn.conf.py`."""

    def _setting(option: str, line: str, file: str | None = None, **environment: str) -> object:
        container: dict[str, object] = {
            "command": line.split(),
            "env": [{"name": name, "value": value} for name, value in environment.items()],
            "volumeMounts": [{"name": "settings", "mountPath": "/etc/gunicorn"}] if file is not None else [],
        }
        pod = {"containers": [container], "volumes": [{"name": "settings", "configMap": {"name": "settings"}}]}
        config_map = {"metadata": {"name": "settings", "namespace": "shop"}, "data": {"conf.py": file or ""}}
        beside = {"apiVersion": "v1", "kind": "ConfigMap", **config_map}
        return process(f"{yaml.safe_dump(pod)}---\n{yaml.safe_dump(beside)}").setting(option)

    return _setting


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("gunicorn -w 4 app:app", 4),
        ("gunicorn -w4 app:app", 4),
        ("gunicorn -w=4 app:app", 4),
        ("gunicorn --workers 4 app:app", 4),
        ("gunicorn --workers=4 app:app", 4),
        ("gunicorn --workers=2 -w 3 app:app --workers 4", 4),
        ("gunicorn --threads 9 app:app -w 4", 4),
    ],
)
def test_every_spelling_of_a_flag_is_read(setting: Callable[..., Any], line: str, value: int) -> None:
    """Of several, the last one wins."""
    assert value == setting("workers", line).value


@pytest.mark.parametrize("line", ["gunicorn app:app", "gunicorn --workers-of=4 app:app", "gunicorn --workers"])
def test_a_flag_that_is_not_there_leaves_the_default(setting: Callable[..., Any], line: str) -> None:
    """Another flag that begins alike is another flag."""
    assert Default(1, "gunicorn 27.0.1") == setting("workers", line)


def test_a_flag_that_may_be_repeated_keeps_all(setting: Callable[..., Any]) -> None:
    """Every address is bound."""
    assert ("a:1", "b:2", "c:3") == setting("bind", "gunicorn -b a:1 --bind=b:2 -bc:3 app:app").value


def test_a_flag_says_where_it_stands(setting: Callable[..., Any]) -> None:
    """At the word that holds the value."""
    told = setting("workers", "gunicorn --workers 4 app:app")
    assert ("spec.template.spec.containers[0].command[2]", 2) == (told.source, told.path[-1])


@pytest.mark.parametrize(
    ("line", "file", "environment", "value"),
    [
        ("gunicorn app:app", None, {}, 1),
        ("gunicorn app:app", None, {"WEB_CONCURRENCY": "3"}, 3),
        ("gunicorn -c /etc/gunicorn/conf.py app:app", FILE, {"WEB_CONCURRENCY": "3"}, 5),
        ("gunicorn -c /etc/gunicorn/conf.py app:app", FILE, {"GUNICORN_CMD_ARGS": "-w 7"}, 7),
        ("gunicorn -c /etc/gunicorn/conf.py -w 9 app:app", FILE, {"GUNICORN_CMD_ARGS": "-w 7"}, 9),
        ("gunicorn -c /etc/gunicorn/conf.py app:app", "threads = 2", {"WEB_CONCURRENCY": "3"}, 3),
        ("gunicorn app:app", None, {"GUNICORN_CMD_ARGS": "--workers=7 --bind ':80'", "WEB_CONCURRENCY": "3"}, 7),
    ],
)
def test_gunicorn_prefers_flags_to_its_variable_to_its_file(
    setting: Callable[..., Any], line: str, file: str | None, environment: dict[str, str], value: int
) -> None:
    """WEB_CONCURRENCY only stands in for the default."""
    assert value == setting("workers", line, file, **environment).value


@pytest.mark.parametrize(
    ("option", "line", "environment", "value"),
    [
        ("graceful timeout", "uvicorn app:app", {}, None),
        ("graceful timeout", "uvicorn app:app", {"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "3"}, 3),
        (
            "graceful timeout",
            "uvicorn app:app --timeout-graceful-shutdown 5",
            {"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "3"},
            5,
        ),
        ("workers", "uvicorn app:app", {}, 1),
        ("workers", "uvicorn app:app", {"WEB_CONCURRENCY": "3"}, 3),
        ("workers", "uvicorn app:app", {"WEB_CONCURRENCY": "3", "UVICORN_WORKERS": "2"}, 2),
        ("workers", "uvicorn app:app --workers=4", {"UVICORN_WORKERS": "2"}, 4),
        ("port", "uvicorn app:app", {"PORT": "80"}, 8000),
        ("port", "uvicorn app:app", {"UVICORN_PORT": "80"}, 80),
        ("port", "uvicorn app:app", {"UVICORN_PORT": ""}, 8000),
        ("host", "uvicorn app:app --host ::", {"UVICORN_HOST": "localhost"}, "::"),
        ("reload", "uvicorn app:app --reload", {}, True),
        ("reload", "uvicorn app:app", {"UVICORN_RELOAD": "true"}, True),
        ("reload", "uvicorn app:app", {"UVICORN_RELOAD": "false"}, False),
        ("reload", "uvicorn app:app", {"UVICORN_RELOAD": "0"}, False),
    ],
)
def test_uvicorn_prefers_flags_to_variables(
    setting: Callable[..., Any], option: str, line: str, environment: dict[str, str], value: object
) -> None:
    """PORT it does not read; an empty variable counts as unset."""
    assert value == setting(option, line, **environment).value


@pytest.mark.parametrize(
    ("option", "line", "value"),
    [
        ("concurrency", "celery -A app worker -c 4", 4),
        ("concurrency", "celery -A app worker --concurrency=4", 4),
        ("concurrency", "celery -A app worker", NODE_CPUS),
        ("pool", "celery -A app worker -P solo", "solo"),
        ("pool", "celery -A app worker", "prefork"),
        ("task time limit", "celery -A app worker --time-limit 300", 300),
        ("task time limit", "celery -A app worker --soft-time-limit 300", None),
    ],
)
def test_celery_is_set_by_flags(setting: Callable[..., Any], option: str, line: str, value: object) -> None:
    """Its application's own settings are code, and out of sight."""
    assert value == setting(option, line).value


@pytest.mark.parametrize(
    ("option", "line", "reason"),
    [
        ("workers", "gunicorn -w many app:app", "workers is set to something that is not a whole number"),
        ("concurrency", "celery -A a worker -c auto", "concurrency is set to something that is not a whole number"),
        (
            "graceful timeout",
            "gunicorn --graceful-timeout=soon a:a",
            "graceful timeout is set to something that is not seconds",
        ),
        (
            "graceful timeout",
            "gunicorn --graceful-timeout=inf a:a",
            "graceful timeout is set to something that is not seconds",
        ),
        (
            "graceful timeout",
            "gunicorn --graceful-timeout=nan a:a",
            "graceful timeout is set to something that is not seconds",
        ),
        ("workers", f"gunicorn -w {'9' * 400} a:a", "workers is set to something that is not a whole number"),
    ],
)
def test_a_value_that_makes_no_sense_is_unknown(
    setting: Callable[..., Any], option: str, line: str, reason: str
) -> None:
    """Not the default: the server would refuse it."""
    assert Unknown(reason) == setting(option, line)


def test_a_variable_that_cannot_be_told_is_unknown(process: Callable[..., PythonProcess]) -> None:
    """It says where it comes from."""
    told = process("""
        containers:
        - command: [uvicorn, app:app]
          env: [{name: UVICORN_WORKERS, valueFrom: {secretKeyRef: {name: keys}}}]
    """)
    assert Unknown("UVICORN_WORKERS comes from Secret keys") == told.setting("workers")


@pytest.mark.parametrize(
    ("container", "doubt"),
    [
        ("command: [gunicorn, app:app]", ""),
        ("command: [gunicorn, -c, /srv/conf.py, app:app]", "it reads /srv/conf.py, which is not in sight"),
        ("command: [gunicorn, --config=file:/srv/conf.py, app:app]", "it reads /srv/conf.py, which is not in sight"),
        ("command: [gunicorn, -c, python:shop.conf, app:app]", "it reads python:shop.conf, which is not in sight"),
        ("{command: [gunicorn, app:app], envFrom: [{secretRef: {name: keys}}]}", "Secret keys may set it"),
        (
            "{command: [gunicorn, app:app], envFrom: [{configMapRef: {name: all}}]}",
            "ConfigMap all may set it",
        ),
        (
            "{command: [gunicorn, app:app], env: [{name: GUNICORN_CMD_ARGS, valueFrom: {secretKeyRef: {name: keys}}}]}",
            "GUNICORN_CMD_ARGS comes from Secret keys",
        ),
        (
            "{command: [gunicorn, $(MORE), app:app], env: [{name: MORE, valueFrom: {secretKeyRef: {name: keys}}}]}",
            "MORE comes from Secret keys",
        ),
    ],
)
def test_a_default_says_what_may_set_it_after_all(
    process: Callable[..., PythonProcess], container: str, doubt: str
) -> None:
    """What the manifest mentions and the input lacks."""
    container = container if container.startswith("{") else f"{{{container}}}"
    told = process(f"containers: [{container}]").setting("graceful timeout")
    assert isinstance(told, Default)
    assert (30, doubt) == (told.value, told.doubt)


def test_a_file_in_doubt_puts_what_it_would_beat_in_doubt(setting: Callable[..., Any]) -> None:
    """WEB_CONCURRENCY loses to a configuration file, and this one is not in sight."""
    told = setting("workers", "gunicorn -c /srv/conf.py app:app", WEB_CONCURRENCY="3")
    assert Default(3, "WEB_CONCURRENCY", "it reads /srv/conf.py, which is not in sight") == told


def test_an_option_the_server_lacks_is_unknown(process: Callable[..., PythonProcess]) -> None:
    """So is every option of a program without a table."""
    assert Unknown("gunicorn has no moon phase") == process("containers: [{command: [gunicorn, a:b]}]").setting(
        "moon phase"
    )
    assert isinstance(process("containers: [{command: [./run]}]").setting("workers"), Unknown)


def test_a_script_sets_variables_for_its_server(process: Callable[..., PythonProcess]) -> None:
    """As `env` does; both lie over the container's."""
    told = process("""
        containers:
        - command: [env, WEB_CONCURRENCY=4, gunicorn, "app:app"]
          env: [{name: WEB_CONCURRENCY, value: "2"}]
    """)
    assert isinstance(told.setting("workers"), Known)
    assert 4 == getattr(told.setting("workers"), "value", None)


@pytest.mark.parametrize(
    "line", ["gunicorn a:a -- --grace=90", "gunicorn a:a -- --graceful-timeout=90", "gunicorn -- $X"]
)
def test_behind_two_dashes_nothing_is_a_flag(started: Callable[..., PythonProcess], line: str) -> None:
    """Nor may it be one after all."""
    assert Default(30.0, "gunicorn 27.0.1") == started(f"sh -c 'exec {line}'").shutdown.drain


@pytest.mark.parametrize(("flag", "is_doubted"), [("--grace=90", True), ("--graceful-t", True), ("--gr8", False)])
def test_a_flag_cut_short_is_a_doubt(started: Callable[..., PythonProcess], flag: str, *, is_doubted: bool) -> None:
    """Argparse lets gunicorn's flags be shortened, and only its whole list of flags says to what."""
    drain = started(f"gunicorn {flag} a:a").shutdown.drain
    assert isinstance(drain, Default)
    assert is_doubted == bool(drain.doubt)


def test_uvicorns_flags_cannot_be_cut_short(started: Callable[..., PythonProcess]) -> None:
    """Click takes them whole."""
    drain = started("uvicorn --timeout-grace 9 a:a").shutdown.drain
    assert isinstance(drain, Default)
    assert drain.doubt == ""
