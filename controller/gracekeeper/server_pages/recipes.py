"""How each server is started well: a command line for the manifest on its page, and what the pod adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE: Final[Mapping[str, tuple[str, str]]] = {}


class Recipe(Struct, frozen=True):
    """`command` is the program and its application, `args` its options, each with its reason or none: all as in YAML.

    `pause` is the pre-stop delay in seconds, until every node has heard that the pod is going, and `paused` why it is
    that long. `annotations` declare what no option says, each with its reason. Of what is `single` there
    is but one pod. `health` is the page on which a server whose pages are its own says that it is up.
    """

    command: tuple[str, ...]
    args: tuple[tuple[str, str], ...] = ()
    pause: int = 10
    paused: str = "New requests still arrive until every node has heard that this pod is going."
    annotations: Mapping[str, tuple[str, str]] = field(default_factory=lambda: _NONE)
    single: bool = False
    health: str = ""


RECIPES: Final[Mapping[str, Recipe]] = {
    "gunicorn": Recipe(
        ("gunicorn", "shop.wsgi"),
        (
            ("--bind=0.0.0.0:8000", "the default is 127.0.0.1, which no probe and no Service reaches"),
            ("--workers=2", ""),
            ("--worker-class=gthread", ""),
            ("--threads=4", "a probe is answered while requests run"),
            ("--graceful-timeout=30", ""),
            ("--worker-tmp-dir=/dev/shm", "a slow disk under /tmp makes healthy workers look dead"),
        ),
    ),
    "uvicorn": Recipe(
        ("uvicorn", "shop.asgi:app"),
        (
            ("--host=0.0.0.0", "the default is 127.0.0.1, which no probe and no Service reaches"),
            ("--port=8000", ""),
            ("--timeout-graceful-shutdown=30", "without it nothing bounds the wait"),
        ),
    ),
    "fastapi run": Recipe(
        ("fastapi", "run", "shop/main.py"),
        (("--port=8000", ""),),
        annotations={
            "gracekeeper.dev/shutdown-seconds": (
                "30",
                "No option bounds the wait: so it says what the application's longest request takes.",
            )
        },
    ),
    "hypercorn": Recipe(
        ("hypercorn", "shop.asgi:app"),
        (
            ("--bind=0.0.0.0:8000", "the default is 127.0.0.1, which no probe and no Service reaches"),
            ("--workers=1", "with more, the first that leaves takes the others with it"),
            ("--graceful-timeout=30", "the default is 3 s"),
        ),
    ),
    "uwsgi": Recipe(
        ("uwsgi", "--module=shop.wsgi"),
        (
            ("--http-socket=0.0.0.0:8000", ""),
            ("--master", ""),
            ("--processes=2", ""),
            ("--threads=4", ""),
            ("--hook-master-start=unix_signal:15 gracefully_kill_them_all", "lets requests end at SIGTERM"),
            ("--harakiri=30", "no request takes longer"),
        ),
        annotations={
            "gracekeeper.dev/shutdown-seconds": (
                "30",
                "--harakiri ends a request after 30 s: no shutdown takes longer.",
            )
        },
    ),
    "granian": Recipe(
        ("granian", "shop.asgi:app"),
        (
            ("--interface=asgi", ""),
            ("--host=0.0.0.0", "the default is 127.0.0.1, which no probe and no Service reaches"),
            ("--port=8000", ""),
            ("--workers-kill-timeout=30s", "without it nothing bounds the wait"),
        ),
    ),
    "daphne": Recipe(
        ("daphne", "shop.asgi:application"),
        (
            ("--bind=0.0.0.0", "the default is 127.0.0.1, which no probe and no Service reaches"),
            ("--port=8000", ""),
        ),
        pause=30,
        paused="daphne drops what runs at SIGTERM: so SIGTERM waits for the longest request.",
        annotations={"gracekeeper.dev/request-seconds": ("30", "The longest request, as the application knows it.")},
    ),
    "waitress": Recipe(
        ("dumb-init", "--rewrite", '"15:2"', "waitress-serve"),
        (("--host=0.0.0.0", ""), ("--port=8000", ""), ("--threads=4", ""), ("shop.wsgi:application", "")),
    ),
    "celery worker": Recipe(
        ("celery", "--app=shop", "worker"),
        (
            ("--concurrency=2", "the default is the number of CPUs of the node, not of the container"),
            ("--time-limit=300", "no task takes longer"),
        ),
    ),
    "celery beat": Recipe(
        ("celery", "--app=shop", "beat"),
        (("--schedule=/tmp/celerybeat-schedule", "the working directory is read-only"),),
        single=True,
    ),
    "celery flower": Recipe(
        ("celery", "--app=shop", "flower"),
        (("--port=8000", ""),),
        paused="Until every node has heard that this pod is going, requests arrive; what runs is then dropped.",
        annotations={"gracekeeper.dev/request-seconds": ("10", "The slowest page.")},
        health="/healthcheck",
    ),
    "locust": Recipe(
        ("locust",),
        (("--locustfile=/shop/load.py", ""), ("--web-port=8000", "")),
        paused="Until every node has heard that this pod is going, requests arrive; what runs is then dropped.",
        annotations={"gracekeeper.dev/request-seconds": ("10", "The slowest page.")},
        health="/",
    ),
    "streamlit": Recipe(
        ("streamlit", "run", "/shop/app.py"),
        (
            ("--server.port=8000", "the default is 8501"),
            ("--server.headless=true", "so that it asks nobody for anything, and opens no browser"),
        ),
        paused="Until every node has heard that this pod is going, sessions begin; what runs is then dropped.",
        annotations={"gracekeeper.dev/request-seconds": ("10", "The slowest run of the script.")},
        health="/_stcore/health",
        single=True,
    ),
    "dramatiq": Recipe(
        ("dramatiq", "shop.tasks"),
        (
            ("--processes=2", "the default is the number of CPUs of the node, not of the container"),
            ("--threads=4", ""),
            ("--worker-shutdown-timeout=60000", "milliseconds; the default is ten minutes"),
        ),
    ),
    "rq worker": Recipe(("rq", "worker", "--url=redis://redis:6379", "default")),
    "arq": Recipe(("arq", "shop.tasks.WorkerSettings")),
    "aiohttp.web": Recipe(
        ("python", "-m", "aiohttp.web", "shop.web:make_app"),
        (
            ("--hostname=0.0.0.0", "the default is localhost, which no probe and no Service reaches"),
            ("--port=8000", ""),
        ),
    ),
    "kopf run": Recipe(
        ("kopf", "run", "/shop/handlers.py"),
        (("--namespace=shop", ""),),
        single=True,
    ),
    "taskiq worker": Recipe(
        ("taskiq", "worker", "shop.tasks:broker"),
        (("--workers=2", ""), ("--wait-tasks-timeout=120", "without it nothing bounds the wait")),
    ),
    "huey": Recipe(
        ("huey_consumer", "shop.tasks.huey"),
        (
            ("--workers=2", ""),
            ("--graceful-signal=TERM", "the default is INT, which Kubernetes doesn't send"),
            ("--shutdown-timeout=60", "without it nothing bounds the wait"),
        ),
        single=True,
    ),
}
