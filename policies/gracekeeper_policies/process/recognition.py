"""Which program a command line starts: a server with a table, a Python tool without one, something else, or not told.

The command is parsed, never searched: `vllm serve --uvicorn-log-level info` is not uvicorn.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.servers import SERVERS
from gracekeeper_policies.process.wrappers import executable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.process.server import Server
    from gracekeeper_policies.provenance import Word


class Runtime(enum.Enum):
    """Whether a process is Python."""

    PYTHON = "python"
    OTHER = "other"
    UNKNOWN = "unknown"


class Program(Struct, frozen=True):
    """A recognised program: its name, its runtime, its server's table if there is one, and its own arguments."""

    name: str
    runtime: Runtime
    server: Server | None = None
    arguments: tuple[Word, ...] = ()


PYTHON_TOOLS: Final = frozenset(
    """accelerate airflow alembic arq beat bentoml celery conda dagster dagster-daemon dagster-webserver daphne dbt
    django-admin dramatiq fastapi feast flask flower gradio granian huey_consumer huey_consumer.py huggingface-cli
    hypercorn jupyter jupyter-lab jupyter-notebook jupyterhub jupyterhub-singleuser kopf litellm mlflow odoo
    pip pip3 pipenv poetry prefect pytest pyuwsgi ray rq rqworker sglang streamlit superset supervisord taskiq
    torchrun trytond uv uwsgi vllm waitress-serve watchfiles watchmedo weblate""".split()
)
"""Python programs that are known by name; what they do at SIGTERM is not claimed."""

OTHER_PROGRAMS: Final = frozenset(
    """aws caddy cat chmod chown cloud_sql_proxy cp curl date dotnet dumb-init echo elasticsearch envoy etcd gcloud
    grafana-server haproxy helm httpd java kubectl ls memcached mkdir mongod mysqld nginx node npm npx php-fpm
    pilot-agent postgres prometheus psql rabbitmq-server redis-cli redis-sentinel redis-server ruby sed sh sleep
    tail tar telegraf true vault wait-for-it.sh wget yarn""".split()
)
"""Programs that are known not to be Python."""

OTHER_IMAGES: Final = frozenset(
    """adminer alpine amazon/aws-cli bitnami/kubectl bitnami/memcached bitnami/mongodb bitnami/nginx bitnami/postgresql
    bitnami/rabbitmq bitnami/redis busybox caddy curlimages/curl elasticsearch envoyproxy/envoy etcd golang
    grafana/grafana haproxy httpd istio/pilot istio/proxyv2 kibana mariadb memcached minio/minio mongo mysql nginx
    nginxinc/nginx-unprivileged node openjdk php postgres prom/prometheus rabbitmq redis redis/redis-stack ruby
    traefik vault wordpress zookeeper""".split()
)
"""Docker Hub images whose own program is known not to be Python."""

_WITH_SUBCOMMANDS: Final = frozenset(
    """accelerate airflow alembic celery conda dagster dbt fastapi feast flask huggingface-cli jupyter kopf mlflow
    poetry prefect ray rq streamlit superset taskiq uv vllm""".split()
)
_PYTHON: Final = re.compile(r"(?:python|pypy)[\d.]*(?:-config)?\Z")
_VALUED: Final = frozenset({"-X", "-W", "--check-hash-based-pycs"})


def is_python(name: str) -> bool:
    """Whether an executable is a Python interpreter: `python3.12`."""
    return _PYTHON.match(name) is not None


def recognise(words: Sequence[Word]) -> Program | None:
    """Recognise the program that `words` start; None where its name says nothing."""
    if not words or words[0].unknown:
        return None
    name = executable(words[0])
    if is_python(name):
        return _python(tuple(words[1:]))
    return _named(name, tuple(words[1:]))


def _named(name: str, arguments: tuple[Word, ...]) -> Program | None:
    server = next((server for server in SERVERS if name in server.executables and _is_meant(server, arguments)), None)
    if server is not None:
        return Program(server.name, Runtime.PYTHON, server, arguments)
    if name in PYTHON_TOOLS:
        return Program(_with_subcommand(name, arguments), Runtime.PYTHON, None, arguments)
    if name in OTHER_PROGRAMS:
        return Program(name, Runtime.OTHER, None, arguments)
    return Program(name, Runtime.PYTHON, None, arguments) if name.endswith(".py") else None


def _with_subcommand(name: str, arguments: tuple[Word, ...]) -> str:
    if name not in _WITH_SUBCOMMANDS:
        return name
    table = next((server for server in SERVERS if name in server.executables), None)
    first = _subcommand(table.leading_flags if table else (), arguments)
    return f"{name} {first}" if re.match(r"[a-z][a-z-]*\Z", first) else name


def _python(arguments: tuple[Word, ...]) -> Program:
    position = 0
    while position < len(arguments) and arguments[position].text.startswith("-"):
        flag = arguments[position].text
        if flag.startswith(("-m", "-c")):
            return _behind_flag(flag, arguments[position:])
        position += 1 + (flag in _VALUED)
    rest = arguments[position:]
    if not rest:
        return Program("python", Runtime.PYTHON, None, ())
    script = executable(rest[0])
    named = None if rest[0].unknown else _named(script, rest[1:])
    return named if named and named.server else _plain(script, rest)


def _behind_flag(flag: str, words: tuple[Word, ...]) -> Program:
    value, rest = (
        (flag[2:], words[1:]) if len(flag) > len("-m") else (words[1].text if len(words) > 1 else "", words[2:])
    )
    if flag.startswith("-c"):
        return _plain("python -c", words)
    for server in SERVERS:
        if value in server.modules and _is_meant(server, rest):
            return Program(server.name, Runtime.PYTHON, server, rest)
    if value.partition(".")[0] in PYTHON_TOOLS:
        return Program(f"python -m {value}", Runtime.PYTHON, None, rest)
    return _plain(f"python -m {value}", rest)


def _plain(name: str, arguments: tuple[Word, ...]) -> Program:
    python = next(server for server in SERVERS if "python" in server.executables)
    return Program(name, Runtime.PYTHON, python, arguments)


def _is_meant(server: Server, arguments: tuple[Word, ...]) -> bool:
    return not server.subcommand or _subcommand(server.leading_flags, arguments) == server.subcommand


def _subcommand(valued: tuple[str, ...], arguments: tuple[Word, ...]) -> str:
    position = 0
    while position < len(arguments) and arguments[position].text.startswith("-"):
        position += 1 + (arguments[position].text in valued)
    return arguments[position].text if position < len(arguments) else ""
