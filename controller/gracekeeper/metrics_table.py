"""The operator's metrics as a page: name, type, labels and meaning of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client.metrics import MetricWrapperBase

from gracekeeper.operator.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = """\
<!-- Made by `make generate` from controller/gracekeeper/operator/metrics.py: change that. -->

# Metrics of the operator

`/metrics` on the operations port, in Prometheus' format. The process's own (`process_resident_memory_bytes` and
its kind) are there too.

| Metric | Type | Labels | Meaning |
| --- | --- | --- | --- |
"""


def metrics_page() -> str:
    """The page, in the order in which they are declared."""
    return _HEAD + "".join(map(_row, declared()))


def declared() -> Iterator[MetricWrapperBase]:
    """Our own metrics."""
    return (each for each in vars(Metrics()).values() if isinstance(each, MetricWrapperBase))


def _row(metric: MetricWrapperBase) -> str:
    (family,) = metric.describe()
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001 - told nowhere else
    return f"| `{name}` | {family.type} | {labels or '–'} | {family.documentation} |\n"
