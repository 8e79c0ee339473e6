"""What the program prints is kept back in a buffer.

## What it does
Finds a Python program of its own (`python serve.py`, `python -m shop.jobs`) that starts with neither `-u` nor
PYTHONUNBUFFERED. An empty PYTHONUNBUFFERED, or `0`, is off. It is suspected, and no more than a note, where the image
or an unseen source may set the variable, as many do; the official `python` images do not. `python -c`, servers and
workers are left alone: they log line by line.

## Why it matters
Without a terminal Python writes what is printed to stdout in blocks of 8 KiB. The last lines before a SIGKILL, an
out-of-memory kill or an unhandled SIGTERM are lost: those that say why. What goes through `logging` or to stderr is
not.

## What to do
Set PYTHONUNBUFFERED to 1, or start Python with `-u`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.server import Purpose
from gracekeeper_policies.provenance import Known, Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://docs.python.org/3/using/cmdline.html#envvar-PYTHONUNBUFFERED",),
)
_UNBUFFERED: Final = "PYTHONUNBUFFERED"
_FLAG: Final = re.compile(r"(?:-[WX] ?\S+ |-[^\smcWX]\S* )*-[bBdEiIOPqRsSv]*u\w*(?: |\Z)")
# CPython reads it as a whole number; what is none counts as 1.
_OFF: Final = re.compile(r"\s*[+-]?0*\Z")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Ask who may have switched buffering off."""
    if process.server is None or process.server.purpose is not Purpose.PROGRAM or _is_left_alone(process):
        return
    variable = process.variable(_UNBUFFERED)
    if (isinstance(variable, Known) and not _OFF.match(variable.value)) or _is_set_in_doubt(process):
        return
    doubt = joined(process.doubt, _doubt(process))
    yield Finding(
        at=process.places.program,
        message=f"{process.name} runs with a buffered stdout: what it printed last is lost when it is killed, up to "
        "8 KiB of it.",
        remedies=(
            Advice(f'add {{name: {_UNBUFFERED}, value: "1"}} to env'),
            Argument("-u", because="behind python"),
        ),
        doubt=doubt,
        # Every other image that was looked into sets the variable itself.
        severity=Severity.NOTE if doubt else None,
        evidence=(Evidence(_UNBUFFERED, "not set" if variable is None else "off", _source(process)),),
    )


def _is_left_alone(process: PythonProcess) -> bool:
    # A program inside of the command line is short, and empties the buffer when it ends.
    if process.name == "python -c":
        return True
    return bool(_FLAG.match(" ".join(word.text for word in process.launch.words[1:])))


def _is_set_in_doubt(process: PythonProcess) -> bool:
    # An image that may be another one sets it: hardly anybody's other image does not.
    image = process.image
    return not isinstance(image, Unknown) and bool(image.doubt) and _UNBUFFERED in image.environment


def _doubt(process: PythonProcess) -> str:
    variable = process.environment.lookup(_UNBUFFERED)
    if isinstance(variable, Known):
        return ""
    if isinstance(variable, Unknown):
        return variable.reason
    if not isinstance(process.image, Unknown):
        return joined(process.image.doubt, process.image.environment_doubt)
    official = process.reference is not None and process.reference.name == "python"
    return "" if official else f"its image may set {_UNBUFFERED}"


def _source(process: PythonProcess) -> str:
    return "env, and presumed of the image" if isinstance(process.image, Unknown) else f"env, {process.image.tier}"


BAD: Final[Mapping[str, str]] = {
    "a script in the official image": """
        containers:
        - name: importer
          image: python:3.12-slim
          command: [python, import.py]  # finding
    """,
    "a variable that switches nothing": """
        containers:
        - name: importer
          image: python:3.12-slim
          command: [python, -m, shop.importer]  # finding
          env: [{name: PYTHONUNBUFFERED, value: "0"}]
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the variable": """
        containers:
        - name: importer
          image: python:3.12-slim
          command: [python, import.py]
          env: [{name: PYTHONUNBUFFERED, value: "1"}]
    """,
    "the flag": """
        containers:
        - name: importer
          image: python:3.12-slim
          command: [python, -u, -m, shop.importer]
    """,
    "a server that logs by itself": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [gunicorn, --bind=:8000, "shop.wsgi"]
    """,
}
