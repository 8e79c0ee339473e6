"""The image's Python gets no security fixes any more.

## What it does
Reads the version out of the official Python image's tag, or out of the image itself (its PYTHON_VERSION), and compares
its end of life with the day of judging, and the version with the policy's minimum.

## Why it matters
After its end of life nobody mends what is found in the interpreter and its standard library, and packages drop the
version one after another: their fixes do not arrive either.

## What to do
Take a version that is supported for years to come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.container import Role
from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Card, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.image import ImageConfig
    from gracekeeper_policies.process.pod import PodProcesses
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1", see=("https://devguide.python.org/versions/",)
)

END_OF_LIFE: Final[Mapping[tuple[int, int], date]] = {
    (2, 7): date(2020, 1, 1),
    (3, 0): date(2009, 6, 27),
    (3, 1): date(2012, 4, 9),
    (3, 2): date(2016, 2, 20),
    (3, 3): date(2017, 9, 29),
    (3, 4): date(2019, 3, 18),
    (3, 5): date(2020, 9, 30),
    (3, 6): date(2021, 12, 23),
    (3, 7): date(2023, 6, 27),
    (3, 8): date(2024, 10, 7),
    (3, 9): date(2025, 10, 31),
    (3, 10): date(2026, 10, 31),
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
    (3, 15): date(2031, 10, 31),
}
"""The last day of each version, as https://devguide.python.org/versions/ told in 2026. From 3.10 on it was planned: the
last day of the month that is named there."""

_MINOR: Final = re.compile(r"(\d{1,2})\.(\d{1,3})(?!\d)")


@dataclass(frozen=True)
class Parameters:
    """What a policy may set."""

    minimum: str = parameter("3.11", "", "the oldest Python that is let through, whatever its end of life")


def check(pod: PodProcesses, parameters: Parameters) -> Iterator[Finding]:
    """Compare each container's version with the table and with the minimum."""
    for process in pod.all:
        told = _told(process) if process.container.role is not Role.EPHEMERAL else None
        why = _why(told.version, parameters, pod.workload.now) if told else ""
        if told and why:
            yield _finding(process, told, why)


class _Told(Struct, frozen=True):
    """A version as it is written, and where; `doubt` says why it may be another image's."""

    version: tuple[int, int]
    text: str
    source: str
    doubt: str = ""


def _told(process: PythonProcess) -> _Told | None:
    read = None if isinstance(process.image, Unknown) else _of_image(process.image)
    # The image knows better than its tag, if it is that image.
    return read if read and not read.doubt else _of_tag(process) or read


def _of_image(image: ImageConfig) -> _Told | None:
    found = _MINOR.match(image.python_version)
    if found is None:
        return None
    source = image.source("environment.PYTHON_VERSION")
    return _Told((int(found[1]), int(found[2])), image.python_version, source, image.doubt)


def _of_tag(process: PythonProcess) -> _Told | None:
    if "python" not in process.container.spec.image:
        return None
    version = process.reference.python if process.reference else None
    return _Told(version, ".".join(map(str, version)), "the image's tag") if version else None


def _why(version: tuple[int, int], parameters: Parameters, today: date) -> str:
    end = END_OF_LIFE.get(version)
    if end is not None and end < today:
        return f"reached its end of life on {end:%Y-%m-%d}: what is found in it since then stays open"
    too_old = version < _version(parameters.minimum)
    return f"is older than {parameters.minimum}, the policy's minimum" if too_old else ""


def _finding(process: PythonProcess, told: _Told, why: str) -> Finding:
    end = END_OF_LIFE.get(told.version)
    return Finding(
        at=process.places.image,
        message=f"Python {'.'.join(map(str, told.version))} {why}.",
        remedies=(Advice("take an image of a supported Python, and test with it"),),
        doubt=told.doubt,
        evidence=(
            Evidence("Python", told.text, told.source),
            Evidence("end of life", f"{end:%Y-%m-%d}" if end else "unknown", "devguide.python.org/versions"),
        ),
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdecimal())


BAD: Final[Mapping[str, str]] = {
    "a Python past its end": """
        containers:
        - name: web
          image: python:3.8-slim  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a supported Python": """
        containers:
        - name: web
          image: python:3.13-slim
    """,
    "a version of something else": """
        containers:
        - {name: web, image: "shop/python-api:3.8"}
    """,
}
