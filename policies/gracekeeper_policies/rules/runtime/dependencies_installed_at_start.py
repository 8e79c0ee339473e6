"""Dependencies are installed at every start.

## What it does
Finds `pip install`, `uv sync`, `poetry install`, `conda install`, `apt-get install` and their like among the commands
that a container runs before its program. An init container is not judged.

## Why it matters
Every start, also the restart in the middle of the night, needs the package index, and gets what it offers at that
moment: two replicas may run different code, unless every version is written out. Until it is through nobody is served.

## What to do
Install when the image is built, from a lockfile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.preparation import installs_system_packages, names_versions
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.shell.script import Command

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.STANDARD, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Look at what runs before the program."""
    for command in process.installations[:1]:
        yield Finding(
            at=command.argv[0].path or process.places.program,
            message=_message(command),
            remedies=(_remedy(command),),
            doubt=joined(command.condition, process.doubt),
            evidence=(Evidence("runs before the program", command.spoken, command.argv[0].source),),
        )


def _message(command: Command) -> str:
    first = f"Every start runs {command.spoken} first: it needs the package index"
    if names_versions(command.argv):
        return f"{first} and takes its time before anything else runs."
    return f"{first}, takes its time, and two starts may get different versions."


def _remedy(command: Command) -> Advice:
    how = "" if installs_system_packages(command.argv) else ", from a lockfile,"
    return Advice(f"install it in the image{how} and start the program alone")


BAD: Final[Mapping[str, str]] = {
    "requirements at every start": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [sh, -c, "pip install -r requirements.txt && exec gunicorn --bind=:8000 shop.wsgi"]  # finding
    """,
    "a project at every start": """
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [sh, -c, "uv sync; exec celery -A shop worker"]  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the image holds what the program needs": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, shop.wsgi]
    """,
    "what is listed is not installed": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [sh, -c, "pip list && exec gunicorn --bind=:8000 shop.wsgi"]
    """,
}
