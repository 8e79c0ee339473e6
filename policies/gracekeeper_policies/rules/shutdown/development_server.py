"""A server made for a developer's own machine serves the application.

## What it does
Finds Flask's and Django's development servers, `fastapi dev`, and servers that reload when a file changes (`--reload`).

## Why it matters
They are made to be convenient, not to last: at a stop they drop requests or do not stop at all, they were never
reviewed against attacks, and Flask's debugger runs any code that a visitor sends. A reloader watches every file, and
doubles the processes.

## What to do
Start the application with a production server: gunicorn, uvicorn, or another that these pages know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Known
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.server import Server

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """See whether the server is a development server, or is switched to be one."""
    server = process.server
    if server is not None and server.is_development:
        yield _made_for_development(process, server)
    elif server is not None and server.development:
        yield from _switched(process, server)


def _made_for_development(process: PythonProcess, server: Server) -> Finding:
    return Finding(
        at=process.places.program,
        message=f"{process.name} is made for a developer's own machine: it was never built to be safe, to bear load or "
        "to stop without losing requests.",
        remedies=(Advice(f"start the application with {server.production}"),),
        doubt=process.doubt,
        evidence=(Evidence("server", process.name, process.places.program_source),),
    )


def _switched(process: PythonProcess, server: Server) -> Iterator[Finding]:
    for name in server.development:
        value = process.setting(name)
        if isinstance(value, Known) and value.value:
            flag = server.option(name).flags[0]
            yield Finding(
                at=value.path or process.places.program,
                message=f"{process.name} watches its files and starts anew when one changes ({flag}): that is made for "
                "a developer's own machine, costs a process more, and cuts requests when a file is touched.",
                remedies=(Advice(f"take {flag} away"),),
                doubt=process.doubt,
                evidence=(Evidence(name, "on", value.source),),
            )


BAD: Final[Mapping[str, str]] = {
    "Flask's development server": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [flask, --app, shop, run, --host=0.0.0.0]}  # finding
    """,
    "Django's development server": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [python, manage.py, runserver, "0.0.0.0:8000"]}  # finding
    """,
    "FastAPI in development mode": """
        containers:
        - {name: api, image: "shop/api:1.4.2", command: [fastapi, dev, --host=0.0.0.0]}  # finding
    """,
    "uvicorn reloads when a file changes": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command:
          - uvicorn
          - --host=0.0.0.0
          - --timeout-graceful-shutdown=20
          - --reload  # finding
          - app:app
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a production server": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "FastAPI in production mode": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, --timeout-graceful-shutdown=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
}
