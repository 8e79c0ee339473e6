"""The environment: laid over and expanded as the kubelet does it, and what cannot be told stays unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.environment import Environment, Variable, expand
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

KNOWN: dict[str, Variable] = {
    "A": Known("1", "env A"),
    "EMPTY": Known("", "env EMPTY"),
    "B": Unknown("B comes from afar"),
}
SETTINGS = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {PORT: "8000", HOST: all}
"""


def values(process: PythonProcess) -> dict[str, str | None]:
    """The variables, None for those that cannot be told."""
    variables = process.environment.variables.items()
    return {name: variable.value if isinstance(variable, Known) else None for name, variable in variables}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$(A)", "1"),
        ("x$(A)y$(A)", "x1y1"),
        ("$(EMPTY)", ""),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$$$$(A)", "$$(A)"),
        ("$(NONE)", "$(NONE)"),
        ("$(A", "$(A"),
        ("$", "$"),
        ("$A ${A}", "$A ${A}"),
        ("$()", "$()"),
        ("$(A$(A))", "$(A$(A))"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_references_expand_as_in_the_kubelet(text: str, expanded: str) -> None:
    """`$$` is one `$`; what is undefined or unclosed stays; shell variables are the shell's."""
    assert (expanded, "") == expand(text, Environment(KNOWN).lookup)


def test_a_reference_to_the_unknown_stays_and_says_why() -> None:
    """Once, however often it occurs."""
    assert ("1 $(B) $(B)", "B comes from afar") == expand("$(A) $(B) $(B)", Environment(KNOWN).lookup)


def test_an_undefined_name_may_come_from_an_unseen_source() -> None:
    """Then it is unknown, not undefined."""
    told = expand("$(C)", Environment(KNOWN, ("Secret keys",)).lookup)
    assert ("$(C)", "C may come from Secret keys") == told


@pytest.mark.parametrize("name", ["REDIS_SERVICE_HOST", "REDIS_SERVICE_PORT", "REDIS_PORT", "REDIS_PORT_6379_TCP_ADDR"])
def test_a_services_variables_are_unknown(name: str) -> None:
    """Every Service of the namespace sets its own, and not all are in sight."""
    assert (f"$({name})", f"{name} comes from a Service") == expand(f"$({name})", Environment({}).lookup)


def test_a_value_sees_what_stands_before_it(process: Callable[..., PythonProcess]) -> None:
    """Not what comes after: `LATE` stays as it is written."""
    told = process("""
        containers:
        - env:
          - {name: FIRST, value: "$(LATE)"}
          - {name: LATE, value: "2"}
          - {name: LAST, value: "$(LATE)$(FIRST)"}
    """)
    assert {"FIRST": "$(LATE)", "LATE": "2", "LAST": "2$(LATE)"} == values(told)


def test_of_duplicates_the_last_one_wins(process: Callable[..., PythonProcess]) -> None:
    """Though `kubectl apply` edits the first."""
    assert {"A": "2"} == values(process("containers: [{env: [{name: A, value: '1'}, {name: A, value: '2'}]}]"))


def test_a_missing_value_is_the_empty_text(process: Callable[..., PythonProcess]) -> None:
    """As is an empty one."""
    told = process("containers: [{env: [{name: A}, {name: B, value: ''}, {name: C, value: null}]}]")
    assert {"A": "", "B": "", "C": ""} == values(told)


def test_a_config_map_in_sight_is_read(process: Callable[..., PythonProcess]) -> None:
    """As a whole behind its prefix, or by key; `env` beats `envFrom`, even with an empty text."""
    told = process(f"""
        containers:
        - envFrom: [{{configMapRef: {{name: settings}}}}, {{prefix: APP_, configMapRef: {{name: settings}}}}]
          env:
          - {{name: HOST, value: ""}}
          - {{name: BIND, value: "$(HOST):$(PORT)"}}
          - {{name: ONE, valueFrom: {{configMapKeyRef: {{name: settings, key: PORT}}}}}}
        {SETTINGS.strip().replace(chr(10), chr(10) + " " * 8)}
    """)
    expected = {"PORT": "8000", "HOST": "", "APP_PORT": "8000", "APP_HOST": "all", "BIND": ":8000", "ONE": "8000"}
    assert expected == values(told)
    assert () == told.environment.unseen


def test_a_value_names_its_source(process: Callable[..., PythonProcess]) -> None:
    """In words, and with its place where the manifest holds it."""
    told = process(
        "containers: [{env: [{name: A, value: '1'}], envFrom: [{configMapRef: {name: settings}}]}]" + SETTINGS
    )
    told_of = told.environment.variables
    assert Known("1", "env A", ("spec", "template", "spec", "containers", 0, "env", 0, "value")) == told_of["A"]
    assert Known("8000", "ConfigMap settings, key PORT") == told_of["PORT"]


@pytest.mark.parametrize(
    ("source", "unseen"),
    [
        ("{secretRef: {name: keys}}", "Secret keys"),
        ("{configMapRef: {name: other}}", "ConfigMap other"),
        ("{prefix: A_}", "an unnamed source"),
    ],
)
def test_a_source_out_of_sight_is_named(process: Callable[..., PythonProcess], source: str, unseen: str) -> None:
    """It may set any variable."""
    assert (unseen,) == process(f"containers: [{{envFrom: [{source}]}}]").environment.unseen


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{secretKeyRef: {name: keys, key: a}}", "A comes from Secret keys"),
        ("{configMapKeyRef: {name: other, key: a}}", "A comes from ConfigMap other, key a, not in sight"),
        ("{fieldRef: {fieldPath: status.podIP}}", "A comes from the running pod"),
        ("{resourceFieldRef: {resource: limits.cpu}}", "A comes from the running pod"),
    ],
)
def test_a_value_from_elsewhere_is_unknown(process: Callable[..., PythonProcess], source: str, reason: str) -> None:
    """It says where it comes from."""
    told = process(f"containers: [{{env: [{{name: A, valueFrom: {source}}}]}}]")
    assert Unknown(reason) == told.environment.variables["A"]


def test_a_value_that_uses_an_unknown_one_is_unknown(process: Callable[..., PythonProcess]) -> None:
    """For the same reason."""
    told = process("""
        containers:
        - env:
          - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
          - {name: BIND, value: "$(IP):80"}
    """)
    assert Unknown("IP comes from the running pod") == told.environment.variables["BIND"]


def test_the_manifest_lies_over_the_image(process: Callable[..., PythonProcess]) -> None:
    """What the manifest does not set, the image's ENV does."""
    image = ImageConfig("registry", environment={"PORT": "80", "PYTHONUNBUFFERED": "1"})
    told = process("containers: [{env: [{name: PORT, value: '8000'}]}]", image)
    assert {"PORT": "8000", "PYTHONUNBUFFERED": "1"} == values(told)
    assert Known("1", "image: registry, PYTHONUNBUFFERED") == told.environment.variables["PYTHONUNBUFFERED"]
