"""What is made from the chart's values.yaml: nothing in it goes unexplained, and its schema is strict."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import jsonschema
import pytest
import yaml

from gracekeeper.chart import FOLDER, readme_text, schema_text, values_text
from gracekeeper_policies.catalog import RULES

CHART: Final = Path(__file__).parents[2] / FOLDER

VALUES: Final = dedent("""\
    # How many there are,
    # roughly.
    # @schema {minimum: 1}
    replicas: 2

    image:
      # Where it comes from.
      repository: example.com/web
    # What it may use.
    # @schema {type: object}
    resources: {limits: {cpu: "1"}}
    # Whom it tolerates.
    tolerations: []
    # The policy.
    # @schema {$ref: policy}
    policy: {mode: warn}
    # <!-- settings -->
    settings: {}
    # <!-- end of settings -->
    """)


def schema(values: str = VALUES) -> dict[str, Any]:
    """The schema of some values.yaml, with its settings filled in."""
    made: dict[str, Any] = json.loads(schema_text(values_text(values), RULES))
    return made


def test_a_values_schema_is_its_defaults_and_what_its_comment_adds() -> None:
    """Description and type are written once, where the value stands."""
    properties = schema()["properties"]

    assert {"description": "How many there are, roughly.", "type": "integer", "minimum": 1} == properties["replicas"]
    assert {"description": "What it may use.", "type": "object"} == properties["resources"]
    assert {"description": "Whom it tolerates.", "type": "array"} == properties["tolerations"]
    assert {"description": "The policy.", "$ref": "#/$defs/PolicySpec"} == properties["policy"]
    assert {"repository": {"description": "Where it comes from.", "type": "string"}} == properties["image"][
        "properties"
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"replica": 2},
        {"replicas": "2"},
        {"image": {"tag": "1"}},
        {"settings": {"webhookPort": 70_000}},
        {"settings": {"onInternalError": "shrug"}},
        {"policy": {"profile": "relaxed"}},
    ],
)
def test_what_is_no_value_is_refused(values: dict[str, Any]) -> None:
    """A typo is no value, and neither is one of the wrong type."""
    assert not jsonschema.Draft202012Validator(schema()).is_valid(values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"resources": {"requests": {"example.com/gpu": 1}}},
        {"settings": {"drainSeconds": 0.5}},
        {"global": {"a": 1}},
    ],
)
def test_what_is_a_value_is_accepted(values: dict[str, Any]) -> None:
    """What Kubernetes defines is left to Kubernetes."""
    jsonschema.Draft202012Validator(schema()).validate(values)


def test_settings_take_their_place_each_time_anew() -> None:
    """What was made before is replaced, and the rest is left as it is."""
    once = values_text(VALUES)

    assert once == values_text(once)
    assert yaml.safe_load(once)["settings"]["reviewTimeoutSeconds"] == 4
    assert once.startswith(VALUES.partition("# <!-- settings -->")[0])


def test_the_readme_has_a_row_for_each_value() -> None:
    """Values in braces are one default, values in a block are several."""
    text = readme_text("# Chart\n<!-- values -->\nold\n<!-- end of values -->\nEnd\n", VALUES)

    assert [
        "| `replicas` | `2` | How many there are, roughly. |",
        '| `image.repository` | `"example.com/web"` | Where it comes from. |',
        '| `resources` | `{"limits": {"cpu": "1"}}` | What it may use. |',
        "| `tolerations` | `[]` | Whom it tolerates. |",
        '| `policy` | `{"mode": "warn"}` | The policy. |',
    ] == [line for line in text.splitlines() if line.startswith("| `")][:5]
    assert text.endswith("<!-- end of values -->\nEnd\n")


def test_every_value_of_the_chart_is_explained() -> None:
    """A row without a sentence would send people to the templates."""
    table = (CHART / "README.md").read_text(encoding="utf-8").partition("<!-- values -->")[2]
    rows = [line for line in table.splitlines() if line.startswith("| `")]

    assert rows
    assert [] == [row for row in rows if not row.endswith(". |")]
