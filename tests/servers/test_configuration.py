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
from gracekeeper_policies.process.servers.streamlit import SERVER as STREAMLIT_SERVER
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

FLOWER: Final = """
import json, sys
from celery.bin.celery import celery
from flower import command
def told():
    options = command.options
    print(json.dumps({"host": options.address or "0.0.0.0", "port": options.port, "unix socket": options.unix_socket}))
    sys.exit()
command.extract_settings = told
celery(sys.argv[1:], auto_envvar_prefix="CELERY")
"""

LOCUST: Final = """
import json, sys
from locust.argument_parser import get_parser
told = get_parser().parse_args(sys.argv[1:])
print(json.dumps({"host": told.web_host or "0.0.0.0", "port": told.web_port, "headless": told.headless,
                  "worker": told.worker, "master": told.master, "master port": told.master_bind_port,
                  "processes": told.processes, "stop timeout": float(told.stop_timeout)}))
"""

STREAMLIT: Final = """
import json, sys
from streamlit import config
from streamlit.web import bootstrap, cli
def told(*_):
    print(json.dumps({"host": config.get_option("server.address") or "0.0.0.0",
                      "port": int(config.get_option("server.port"))}))
bootstrap.run = told
cli.main(sys.argv[1:])
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
    suffixes = {".env", ".ini", ".yaml", ".toml", ".py", ".conf"}
    return [each for each in folder.rglob("*") if each.name == ".env" or each.suffix in suffixes]


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


@pytest.mark.parametrize(
    ("wrapper", "environment"),
    [
        ("dotenv -f a.env run", {}),
        ("dotenv --file=bb.env run", {"WEB_CONCURRENCY": "9"}),
        ("dotenv run", {"WEB_CONCURRENCY": "9"}),
        ("dotenv -f a.env run --no-override", {"WEB_CONCURRENCY": "9"}),
        ("uv run --no-project --active --env-file a.env", {}),
        ("uv run --no-project --active --env-file=a.env --env-file bb.env", {}),
        ("uv run --no-project --active --env-file a.env", {"WEB_CONCURRENCY": "9"}),
        ("uv run --no-project --active --env-file a.env --no-env-file", {"WEB_CONCURRENCY": "9"}),
        ("uv run --no-project --active", {"UV_ENV_FILE": "bb.env"}),
    ],
)
def test_what_a_wrapper_hands_on(wrapper: str, environment: dict[str, str], tmp_path: Path) -> None:
    """python-dotenv replaces what the container sets, unless told not to; uv does not, and its last file counts."""
    written(tmp_path, {name: f"WEB_CONCURRENCY={len(name)}\n" for name in ("a.env", "bb.env", ".env")})
    script = "import os; print(os.environ['WEB_CONCURRENCY'])"
    told = answer([*shlex.split(wrapper), "python", "-c", script], tmp_path, environment).splitlines()[-1]
    assert {"workers": float(told)} == stated(f"{wrapper} gunicorn web:wsgi", tmp_path, environment, ["workers"])


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


@pytest.mark.parametrize(
    ("line", "text", "environment"),
    [
        ("celery flower", "port = 5001\naddress = '127.0.0.1'\n", {"FLOWER_PORT": "5002", "FLOWER_ADDRESS": "::"}),
        ("celery flower --port=5003 --address=127.0.0.2", "port = 5001\naddress = '::'\n", {"FLOWER_PORT": "5002"}),
        ("celery flower --unix_socket=/run/a", "port = '5001'\nunix_socket = '/run/b'\n", {}),
        ("celery flower --unix-socket=/run/a", "", {"FLOWER_UNIX_SOCKET": "/run/c", "FLOWER_PORT": "5002"}),
        ("celery flower --conf=flowerconfig.py", "", {"FLOWER_ADDRESS": "localhost"}),
        ("celery flower", "port = 5001", {"FLOWER_CONF": "flowerconfig.py"}),
    ],
)
def test_flower(line: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Flags beat the file, and the file beats variables."""
    written(tmp_path, {"flowerconfig.py": text})
    program = [sys.executable, "-c", FLOWER, *shlex.split(line)[1:]]
    told = {name: plain(value) for name, value in json.loads(answer(program, tmp_path, environment)).items()}
    told["unix socket"] = told["unix socket"] if told["unix socket"] != [""] else None
    assert told == stated(line, tmp_path, environment, list(told))


@pytest.mark.parametrize(
    ("line", "text", "environment"),
    [
        ("locust", "web-port = 5001\nheadless\n", {}),
        ("locust", "--web-port 5001\nheadless = false\n; master\n[worker]\nmaster: True # ours\n", {}),
        ("locust -P 5003", "web-port: '5001'\nstop-timeout = 1m30s\n", {"LOCUST_WEB_PORT": "5002"}),
        ("locust --config=locust.conf", "web-port: 5001\n\n---\nweb-host=::\n", {"LOCUST_WEB_PORT": "5002"}),
        ("locust --headless -s 20", 'master-bind-port "5001"', {"LOCUST_MODE_MASTER": "true"}),
        ("locust --worker --processes=4", "", {"LOCUST_HEADLESS": "no", "LOCUST_STOP_TIMEOUT": "30"}),
    ],
)
def test_locust(line: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Flags beat variables, and those the file."""
    written(tmp_path, {"locust.conf": text})
    program = [sys.executable, "-c", LOCUST, *shlex.split(line)[1:]]
    told = {name: plain(value) for name, value in json.loads(answer(program, tmp_path, environment)).items()}
    assert told == stated(line, tmp_path, environment, list(told))


@pytest.mark.parametrize(
    ("line", "text", "environment"),
    [
        ("streamlit run app.py", "[server]\nport = 5001\naddress = '127.0.0.1'\n", {}),
        ("streamlit run app.py", "server.port = 5001\n[browser]\nserverPort = 5002\n", {}),
        ("streamlit run app.py", "[server]\nport = '5001'\n", {"STREAMLIT_SERVER_ADDRESS": "::"}),
        ("streamlit run app.py", "[server]\nport = 5001\n", {"STREAMLIT_SERVER_PORT": "5002"}),
        ("streamlit run --server.port=5003 app.py", "server = {port = 5001}", {"STREAMLIT_SERVER_PORT": "5002"}),
        ("streamlit run app.py -- --server.port=5003", "", {}),
    ],
)
def test_streamlit(line: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Flags beat variables, and those the file."""
    written(tmp_path, {".streamlit/config.toml": text, "app.py": ""})
    program = [sys.executable, "-c", STREAMLIT, *shlex.split(line)[1:]]
    last = answer(program, tmp_path, environment).splitlines()[-1]  # it greets before
    told = {name: plain(value) for name, value in json.loads(last).items()}
    assert told == stated(line, tmp_path, environment, list(told))


@pytest.mark.parametrize(
    ("texts", "port"),
    [
        ({"home/.streamlit/config.toml": 5001}, 5001),
        ({"home/.streamlit/config.toml": 5001, "here/.streamlit/config.toml": 5002}, 5002),
        ({"here/.streamlit/config.toml": 5002, "scripts/.streamlit/config.toml": 5003}, 5003),
    ],
)
def test_streamlit_reads_files_of_other_folders(texts: dict[str, int], port: int, tmp_path: Path) -> None:
    """That of its user's folder counts less than that of the working directory, that beside the script counts more."""
    for name, value in texts.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(f"[server]\nport = {value}\n")
    for folder in ("here", "scripts"):
        (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "scripts/app.py").touch()
    program = [sys.executable, "-c", STREAMLIT, "run", "../scripts/app.py"]
    printed = answer(program, tmp_path / "here", {"HOME": str(tmp_path / "home")})
    assert port == json.loads(printed.splitlines()[-1])["port"]
    assert STREAMLIT_SERVER.configuration is not None
    assert STREAMLIT_SERVER.configuration.elsewhere
