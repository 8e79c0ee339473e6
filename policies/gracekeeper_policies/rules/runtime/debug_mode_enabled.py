"""A debug mode is switched on by the environment.

## What it does
Reads FLASK_DEBUG, DJANGO_DEBUG, DEBUG, PYTHONASYNCIODEBUG and PYTHONDEBUG as those who read them do: Flask takes
everything but `0`, `false` and `no` for on, asyncio takes every text, also `0`. What DJANGO_DEBUG and DEBUG mean is
decided by the application's settings, so these are suspected, and DEBUG only where a Python program is known to run.
PYTHONASYNCIODEBUG is a warning, and PYTHONDEBUG a note: a release build of Python ignores it.

## Why it matters
In debug mode Django shows tracebacks with code and settings to whoever causes an error, and keeps every query in
memory. Errors of Flask pass by the application's own error pages, and its development server offers a console that runs
any code. asyncio records where every task was created, which costs speed.

## What to do
Remove the variable: each of these modes is off by default.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.finding import Advice, Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.provenance import Known, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.STANDARD,
    since="0.1",
    see=(
        "https://flask.palletsprojects.com/en/stable/config/#DEBUG",
        "https://docs.djangoproject.com/en/stable/ref/settings/#debug",
        "https://docs.python.org/3/library/asyncio-dev.html#debug-mode",
    ),
)
_BY_FLASK: Final = (
    "an error passes by the application's own error page, and under flask run it offers a console that runs any code"
)
_TRACEBACKS: Final = "whoever causes an error is shown a traceback with code and settings"
_BY_SETTINGS: Final = "the application's own settings decide what it means"
_OFF: Final = frozenset({"0", "false", "no"})
# CPython reads it as a whole number; what is none counts as 1.
_ZERO: Final = re.compile(r"\s*[+-]?0*\Z")
_ON: Final = frozenset({"1", "on", "t", "true", "y", "yes"})


class _Mode(Struct, frozen=True):
    """Whose mode a variable switches on, what follows, and why it may not."""

    owner: str
    consequence: str
    doubt: str = ""
    severity: Severity | None = None


_MODES: Final[Mapping[str, _Mode]] = {
    "FLASK_DEBUG": _Mode("Flask's", _BY_FLASK),
    "DJANGO_DEBUG": _Mode("Django's", _TRACEBACKS, _BY_SETTINGS),
    "DEBUG": _Mode("the application's", _TRACEBACKS, _BY_SETTINGS),
    "PYTHONASYNCIODEBUG": _Mode(
        "asyncio's", "it records where every task was created, and is slower", severity=Severity.WARNING
    ),
    "PYTHONDEBUG": _Mode(
        "the parser's",
        "a debug build of Python prints what its parser does, any other ignores it",
        severity=Severity.NOTE,
    ),
}


def check(process: PythonProcess) -> Iterator[Finding]:
    """Ask for each variable whether it switches its mode on."""
    if process.runtime is Runtime.OTHER:
        return
    for name, mode in _MODES.items():
        variable = process.variable(name)
        if isinstance(variable, Known) and _is_on(name, variable.value) and _is_read(name, process):
            of_image = variable.source.startswith(OF_IMAGE)
            path = process.places.image if of_image else variable.path or (*process.container.path, "envFrom")
            path = path[:-1] if path[-1] == "value" else path
            yield Finding(
                at=path,
                message=f"{name} switches {mode.owner} debug mode on: {mode.consequence}.",
                remedies=(_remedy(name, path, of_image=of_image),),
                doubt=joined(mode.doubt, process.doubt if of_image else ""),
                severity=mode.severity,
                evidence=(Evidence(name, "on", variable.source),),
            )


def _remedy(name: str, path: Path, *, of_image: bool) -> Remove | Advice:
    because = "the mode is off by default"
    return Advice(f"take ENV {name} out of the Dockerfile", because) if of_image else Remove(path, because, name)


def _is_on(name: str, value: str) -> bool:
    match name:
        case "FLASK_DEBUG":
            return bool(value) and value.lower() not in _OFF
        case "PYTHONASYNCIODEBUG":
            return bool(value)
        case "PYTHONDEBUG":
            return not _ZERO.match(value)
    return value.strip().lower() in _ON


def _is_read(name: str, process: PythonProcess) -> bool:
    # Every other language has a DEBUG of its own.
    return name != "DEBUG" or process.runtime is Runtime.PYTHON


BAD: Final[Mapping[str, str]] = {
    "Flask's debug mode": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          env:
          - {name: FLASK_DEBUG, value: "on"}  # finding
    """,
    "asyncio takes 0 for on": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
          env:
          - {name: PYTHONASYNCIODEBUG, value: "0"}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "off, as each of them spells it": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          env:
          - {name: FLASK_DEBUG, value: "no"}
          - {name: DEBUG, value: "False"}
          - {name: PYTHONASYNCIODEBUG, value: ""}
    """,
}
