"""What helm makes of the chart, and where the chart is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

CHART: Final = Path(__file__).parents[2] / "charts" / "gracekeeper"
"""The chart's folder."""

TOPICS: Final = sorted((CHART / "ci").glob("*-values.yaml"))
"""Files of values, one for each topic."""


class RefusedError(Exception):
    """What helm says when it renders nothing."""


class Render(Protocol):
    """Renders the chart under some values, or raises RefusedError."""

    def __call__(self, values: Mapping[str, Any] | None = None) -> Objects:
        """The chart's objects."""


def values_of(file: Path) -> dict[str, Any]:
    """The values that a file holds."""
    values: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return values


class Objects:
    """The objects of a rendered chart, by kind and, where there are several, by name."""

    def __init__(self, text: str) -> None:
        """Read what helm printed."""
        self.text = text
        self.all: list[dict[str, Any]] = [each for each in yaml.safe_load_all(text) if each]

    def __call__(self, kind: str, name: str = "gracekeeper") -> dict[str, Any]:
        """The object of that kind and name."""
        (found,) = [each for each in self.all if (each["kind"], each["metadata"]["name"]) == (kind, name)]
        return found

    @property
    def kinds(self) -> set[str]:
        """The kinds there are."""
        return {each["kind"] for each in self.all}

    @property
    def pod(self) -> dict[str, Any]:
        """The operator's pod."""
        spec: dict[str, Any] = self("Deployment")["spec"]["template"]["spec"]
        return spec

    @property
    def environment(self) -> dict[str, str]:
        """The operator's environment variables with a value of their own."""
        (container,) = self.pod["containers"]
        return {each["name"]: each["value"] for each in container["env"] if "value" in each}
