"""What a configuration file, flags and variables come to is what the real server makes of them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from gracekeeper_policies.document import Document
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.provenance import Default, Known
from gracekeeper_policies.workload import Workload, read_workload
from tests.servers.contained import ordinary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.servers

HYPERCORN: Final = """
import json, sys
from hypercorn import __main__ as program
program.run = lambda config: print(json.dumps(
    {"bind": config.bind, "workers": config.workers, "graceful timeout": config.graceful_timeout,
     "worker class": config.worker_class, "insecure bind": config.insecure_bind}))
program.main(sys.argv[1:])
"""
CELERY: Final = """
import json, sys
from celery.bin import worker
from celery.bin.celery import celery
def told(ctx, **given):
    conf = ctx.obj.app.conf
    print(json.dumps({"concurrency": given["concurrency"] or conf.worker_concurrency,
                      "task time limit": given["time_limit"] or conf.task_time_limit,
                      "soft task time limit": given["soft_time_limit"] or conf.task_soft_time_limit,
                      "late acknowledgement": conf.task_acks_late}))
import click
worker.worker.callback = click.pass_context(told)
celery(sys.argv[1:], auto_envvar_prefix="CELERY", standalone_mode=False)
"""


def stated(line: str, folder: Path, environment: Mapping[str, str], names: list[str]) -> dict[str, object]:
    """What the product makes of a command line in a folder; None where nothing is set."""
    image = ImageConfig("image", working_dir=str(folder), files={str(each): each.read_text() for each in files(folder)})
    container = {
        "name": "web",
        "image": "shop/web:1.4.2",
        "command": shlex.split(line),
        "env": [{"name": name, "value": value} for name, value in environment.items()],
    }
    values = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}}
    workload = read_workload(Document(values, "", 0), Neighbours())
    assert isinstance(workload, Workload), workload
    [process] = PodProcesses(workload, lambda _: image).all
    told = {name: process.setting(name) for name in names}
    assert all(isinstance(value, Known | Default) for value in told.values()), told
    return {name: plain(value.value) for name, value in told.items() if isinstance(value, Known | Default)}


def files(folder: Path) -> list[Path]:
    """The configuration files there."""
    return [each for each in folder.rglob("*") if each.suffix in {".env", ".ini", ".yaml", ".toml", ".py"}]


def plain(value: object) -> object:
    """A value as it can be compared: one number, one switch, or a list of texts."""
    if isinstance(value, bool) or value is None:
        return value or None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list | tuple) else value


def answer(argv: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """What a program prints."""
    done = subprocess.run(
        argv,
        cwd=folder,
        env={**ordinary(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def written(folder: Path, texts: Mapping[str, str]) -> None:
    """Lay the files out."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


NUMBERS: Final = {"processes", "threads", "harakiri"}
INI: Final = "[uwsgi]\nprocesses = 3\nthreads=2\nmaster = true\n; processes = 7\n[other]\nprocesses = 5\n"


@pytest.mark.parametrize(
    ("line", "texts", "environment"),
    [
        ("uwsgi --ini a.ini", {"a.ini": INI}, {}),
        ("uwsgi --ini a.ini --processes 4", {"a.ini": INI}, {}),
        ("uwsgi --processes 4 --ini=a.ini", {"a.ini": INI}, {}),
        ("uwsgi a.ini --processes 4", {"a.ini": INI}, {}),
        ("uwsgi --processes 4 a.ini", {"a.ini": INI}, {}),
        ("uwsgi --ini a.ini:other", {"a.ini": INI}, {}),
        ("uwsgi --ini a.ini:other --ini a.ini", {"a.ini": INI}, {}),
        ("uwsgi --ini a.ini:none --threads 5", {"a.ini": INI}, {}),
        ("uwsgi a.ini", {"a.ini": INI}, {"UWSGI_PROCESSES": "8", "UWSGI_THREADS": "9"}),
        ("uwsgi --threads 9", {"a.ini": INI}, {"UWSGI_INI": "a.ini"}),
        ("uwsgi a.ini", {"a.ini": "[uwsgi]\nprocesses=3\nworkers = 4\n[uwsgi]\nthreads = 2\n"}, {}),
        ("uwsgi a.ini", {"a.ini": "[uwsgi]\nini = b/b.ini\nthreads = 6\n", "b/b.ini": INI}, {}),
        ("uwsgi a.ini", {"a.ini": "[uwsgi]\nprocesses = $(COUNT)\nn = 4\nthreads = %(n)\n"}, {"COUNT": "6"}),
        ("uwsgi a.ini", {"a.ini": "[uwsgi]\nmaster = true\nmaster = false\nthreads = 2\n"}, {}),
        ("uwsgi a.ini", {"a.ini": "[uwsgi]\nmaster\n\tthreads\t=\t2\n"}, {}),
        ("uwsgi --yaml a.yaml", {"a.yaml": "uwsgi:\n  processes: 3\n  threads: 2\n  master: true\n"}, {}),
        ("uwsgi --yaml=a.yaml:other", {"a.yaml": "uwsgi:\n  processes: 3\nother:\n  threads: 2\n"}, {}),
    ],
)
def test_uwsgi(line: str, texts: dict[str, str], environment: dict[str, str], tmp_path: Path) -> None:
    """It prints its options in the order in which they count, the last of a name wins."""
    written(tmp_path, texts)
    told = {"processes": 1.0, "threads": 1.0, "harakiri": None, "master": None}
    printed = answer([*shlex.split(line), "--show-config", "--no-server"], tmp_path, environment)
    for each in printed.partition("[uwsgi]")[2].partition(";end of configuration")[0].splitlines():
        name, _, value = (part.strip() for part in each.partition("="))
        name = {"workers": "processes"}.get(name, name)
        if name in told:
            told[name] = float(value) if name in NUMBERS else value not in {"false", "0"} or None
    assert told == stated(line, tmp_path, environment, list(told))


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("hypercorn -c h.toml web:asgi", {"h.toml": 'bind = "a:1"\nworkers = 3\ngraceful_timeout = 9.5\n'}),
        ("hypercorn -c h.toml -w 5 --bind b:2 web:asgi", {"h.toml": 'bind = ["a:1", "c:3"]\nworkers = 3\n'}),
        (
            "hypercorn --config=h.toml --graceful-timeout 7 web:asgi",
            {"h.toml": "graceful_timeout = 9\n[other]\nworkers=9"},
        ),
        ("hypercorn -c file:h.py web:asgi", {"h.py": "bind = ['a:1']\nworkers = 2\nworker_class = 'trio'\n"}),
        ("hypercorn -c h.conf web:asgi", {"h.conf": "workers = 4\ninsecure_bind = ['a:1']\n"}),
    ],
)
def test_hypercorn(line: str, texts: dict[str, str], tmp_path: Path) -> None:
    """Flags beat the file; `file:` means Python, anything else TOML."""
    written(tmp_path, {name.replace(".conf", ".toml"): text for name, text in texts.items()})
    line = line.replace(".conf", ".toml")
    told = json.loads(answer([sys.executable, "-c", HYPERCORN, *shlex.split(line)[1:]], tmp_path, {}))
    insecure = told.pop("insecure bind") or None
    told = {name: plain(value) for name, value in told.items()} | {"insecure bind": insecure}
    assert told == stated(line, tmp_path, {}, list(told))


UVICORN: Final = """
import importlib, sys
import uvicorn
program = importlib.import_module("uvicorn.main")
class Told(uvicorn.Config):
    def __init__(self, *args, **given):
        super().__init__(*args, **given)
        print(self.workers)
        sys.exit(0)
program.Config = Told
program.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("line", "text", "environment"),
    [
        ("uvicorn --env-file a.env web:asgi", "WEB_CONCURRENCY=3 # ours\n", {}),
        ("uvicorn web:asgi", "export WEB_CONCURRENCY = '4'\nUVICORN_WORKERS=9\n", {"UVICORN_ENV_FILE": "a.env"}),
        ("uvicorn --env-file a.env --workers 5 web:asgi", 'WEB_CONCURRENCY="6"\n', {}),
        ("uvicorn --env-file=a.env web:asgi", "WEB_CONCURRENCY=6\n", {"WEB_CONCURRENCY": "7"}),
        ("uvicorn --env-file=a.env web:asgi", "UVICORN_WORKERS=6\n", {}),
    ],
)
def test_uvicorn(line: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Of its environment file only one variable counts for itself, behind all others."""
    written(tmp_path, {"a.env": text})
    told = answer([sys.executable, "-c", UVICORN, *shlex.split(line)[1:]], tmp_path, environment)
    [workers] = [float(each) for each in told.splitlines() if each.isdecimal()]
    assert {"workers": workers} == stated(line, tmp_path, environment, ["workers"])


GUNICORN: Final = "graceful_timeout = 50\nworkers = 3\nbind = ['a:1', 'b:2']\n"


@pytest.mark.parametrize(
    ("line", "environment"),
    [
        ("gunicorn web:wsgi", {}),
        ("gunicorn -c gunicorn.conf.py web:wsgi", {"WEB_CONCURRENCY": "7"}),
        ("gunicorn -c file:gunicorn.conf.py --workers 5 web:wsgi", {"GUNICORN_CMD_ARGS": "--workers 6 --bind c:3"}),
        ("gunicorn web:wsgi", {"GUNICORN_CMD_ARGS": "--graceful-timeout=9"}),
    ],
)
def test_gunicorn(line: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Flags beat its own variable, that beats the file, and the file what only stands in for defaults."""
    written(tmp_path, {"gunicorn.conf.py": GUNICORN})
    names = {
        "graceful_timeout": "graceful timeout",
        "workers": "workers",
        "bind": "bind",
        "worker_class": "worker class",
    }
    told: dict[str, Any] = {}
    for each in answer([*shlex.split(line), "--print-config"], tmp_path, environment).splitlines():
        name, _, value = (part.strip() for part in each.partition("="))
        if name in names:
            told[names[name]] = plain(float(value) if value.isdecimal() else value)
    told["bind"] = eval(told["bind"][0])  # noqa: S307 - gunicorn prints a list
    told["worker class"] = ["sync"]  # it prints the class
    assert told == stated(line, tmp_path, environment, list(told))


@pytest.mark.parametrize(
    ("line", "text", "environment"),
    [
        ("celery --config=settings -A bare worker", "task_time_limit = 300\nworker_concurrency = 3\n", {}),
        (
            "celery -A bare worker --time-limit 20",
            "task_time_limit = 300\ntask_acks_late = True\n",
            {"CELERY_CONFIG_MODULE": "settings"},
        ),
        (
            "celery --config settings -A bare worker -c 2",
            "CELERYD_TASK_SOFT_TIME_LIMIT = 9\nCELERYD_CONCURRENCY = 5\nCELERY_ACKS_LATE = True\n",
            {},
        ),
    ],
)
def test_celery(line: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Flags beat the module; it counts where the application's own code sets nothing."""
    written(tmp_path, {"settings.py": text, "bare.py": "from celery import Celery\napp = Celery('bare')\n"})
    environment = (
        {**environment, "CELERY_WORKER_CONCURRENCY": "4"}
        if "-c" not in line and "concurrency" not in text
        else environment
    )
    told = json.loads(
        answer(
            [sys.executable, "-c", CELERY, *shlex.split(line)[1:]],
            tmp_path,
            {**environment, "PYTHONPATH": str(tmp_path)},
        )
    )
    told = {name: plain(value) for name, value in told.items()}
    assert told == stated(line, tmp_path, environment, list(told))
