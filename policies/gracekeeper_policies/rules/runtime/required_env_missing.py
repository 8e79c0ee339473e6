"""A variable that the policy demands is missing or has another value.

## What it does
Compares the environment of each main container and sidecar that runs Python, or may, with the list of its parameter.
An entry is a name (`SENTRY_RELEASE`) or a name with its value (`LOG_FORMAT=json`). Without a parameter it finds
nothing: only a policy can know what a team has agreed on. A value that comes from a Secret or from a source out of
sight is not judged.

## Why it matters
What is agreed on for all services, such as structured logs or a release to report errors under, is missed in the one
service that lacks it when it is needed.

## What to do
Set the variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.provenance import Known, Unknown, joined
from gracekeeper_policies.rule import Card, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.BASELINE, since="0.1")


@dataclass(frozen=True)
class Parameters:
    """Settings of the rule."""

    variables: tuple[str, ...] = parameter((), "", "variables that each container needs: NAME, or NAME=value")


EXAMPLE_PARAMETERS: Final = Parameters(variables=("LOG_FORMAT=json", "RELEASE"))


def check(process: PythonProcess, parameters: Parameters) -> Iterator[Finding]:
    """Look for each variable that is demanded."""
    if not parameters.variables or process.runtime is Runtime.OTHER:
        return
    for demanded in parameters.variables:
        name, has_value, value = demanded.partition("=")
        variable = process.environment.lookup(name)
        if variable is None or (isinstance(variable, Unknown) and process.variable(name) is None):
            yield _missing(process, name, value, joined(variable.reason if variable else "", _doubt(process)))
        elif has_value and isinstance(variable, Known) and variable.value != value:
            yield _different(process, name, value, variable)


def _doubt(process: PythonProcess) -> str:
    image = process.image
    return "" if isinstance(image, Unknown) else joined(image.environment_doubt, image.doubt)


def _missing(process: PythonProcess, name: str, value: str, doubt: str) -> Finding:
    entry = f'{{name: {name}, value: "{value}"}}' if value else f"{name} with its value"
    return Finding(
        at=(*process.container.path, "env"),
        message=f"The policy demands the variable {name}, and nothing sets it.",
        remedies=(Advice(f"add {entry} to env"),),
        doubt=doubt,
        evidence=(Evidence(name, "not set", f"env, envFrom; {_tier(process)}"),),
    )


def _tier(process: PythonProcess) -> str:
    return "presumed of the image" if isinstance(process.image, Unknown) else process.image.tier


def _different(process: PythonProcess, name: str, value: str, variable: Known[str]) -> Finding:
    of_image = variable.source.startswith(OF_IMAGE)
    path = variable.path or (*process.container.path, "env" if of_image else "envFrom")
    remedy = Set(path, value) if variable.path else Advice(f"set {name} to {value} where it comes from")
    return Finding(
        at=path,
        message=f"The policy demands that {name} be {value}, and it is something else.",
        remedies=(remedy,),
        doubt=process.doubt if of_image else "",
        evidence=(Evidence(name, f"not {value}", variable.source),),
    )


BAD: Final[Mapping[str, str]] = {
    "logs without structure": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - {name: RELEASE, value: 1.4.2}
          - {name: LOG_FORMAT, value: text}  # finding
    """,
    "a release that nobody names": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:  # finding
          - {name: LOG_FORMAT, value: json}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "all that is demanded": """
        containers:
        - name: web
          image: shop/web:1.4.2
          env:
          - {name: RELEASE, value: 1.4.2}
          - {name: LOG_FORMAT, value: json}
    """,
}
