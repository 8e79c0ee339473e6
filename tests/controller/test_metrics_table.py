"""The page of metrics: one row each, and what the chart alerts on is among them."""

from __future__ import annotations

import re
from pathlib import Path

from gracekeeper.chart import FOLDER
from gracekeeper.metrics_table import declared, metrics_page
from gracekeeper.operator.metrics import Metrics

TEMPLATES = Path(__file__).parents[2] / FOLDER / "templates"


def test_every_metric_has_a_row() -> None:
    """With the name that a query uses."""
    rows = [line for line in metrics_page().splitlines() if line.startswith("| `")]

    assert len(list(declared())) == len(rows)
    assert (
        "| `gracekeeper_failed_open_total` | counter | – "
        "| Reviews that were admitted unjudged because of our own failure. |"
    ) in rows
    assert any(row.startswith("| `gracekeeper_review_seconds` | histogram | –") for row in rows)


def test_the_chart_alerts_on_metrics_that_exist() -> None:
    """An alert on a misspelled metric never fires."""
    metrics = Metrics()
    exposed = set(re.findall(r"^# TYPE (\S+)", metrics.exposition().decode(), re.MULTILINE))
    asked = {
        name.removesuffix("_bucket")
        for template in TEMPLATES.glob("*.yaml")
        for name in re.findall(r"\bgracekeeper_[a-z_]+", template.read_text(encoding="utf-8"))
    }
    assert asked
    assert set() == asked - exposed
