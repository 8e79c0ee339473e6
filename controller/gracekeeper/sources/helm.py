"""Manifests that Helm renders from a chart; each is shown at the template it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.encodings import decode
from gracekeeper.sources.files import UnreadableError, read_bytes, show
from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.programs import ProgramError, find, run_for_text
from gracekeeper.sources.rendered import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENT: Final = re.compile(r"^---\n# Source: (?P<source>[^\n]+)\n", re.MULTILINE)
_RELEASE: Final = re.compile(r"[^a-z0-9-]+")
_LONGEST_NAME: Final = 53  # of a release


@dataclass(frozen=True)
class Release:
    """A chart and what it is rendered with.

    `values` are files and `sets` are `KEY=VALUE`, both in their order; `dependencies` lets Helm fetch what the chart
    lacks; `kubernetes` is a version such as 1.34.
    """

    chart: str
    values: tuple[str, ...]
    sets: tuple[str, ...]
    namespace: str
    kubernetes: str
    dependencies: bool = False

    @property
    def name(self) -> str:
        """The release's name: the chart's folder's."""
        name = _RELEASE.sub("-", Path(self.chart).resolve().name.lower().removesuffix(".tgz"))
        return name.strip("-")[:_LONGEST_NAME].strip("-") or "release"

    @property
    def templates(self) -> str:
        """How the paths of its own templates begin, as they are printed."""
        return f"{show(str(Path(self.chart, 'templates')))}/"


def rendered(release: Release) -> list[Rendered]:
    """Render a chart.

    Raises:
        ProgramError: there is no such chart, helm is missing, or it fails.
    """
    if not Path(release.chart).exists():
        raise ProgramError("there is no such chart, expected a folder with a Chart.yaml or a .tgz file")
    output = run_for_text(_command(find("helm"), release))
    return [
        _rendered(release.chart, source, text) if source else Rendered(f"helm:{show(release.chart)}", text)
        for source, text in _by_source(output).items()
    ]


def _command(helm: str, release: Release) -> tuple[str, ...]:
    return (
        helm,
        "template",
        f"--namespace={release.namespace}",
        f"--kube-version={release.kubernetes}",
        "--skip-tests",
        *(f"--values={file}" for file in release.values),
        *(f"--set={each}" for each in release.sets),
        *(["--dependency-update"] if release.dependencies else []),
        "--",  # whatever a folder is called, it is no option
        release.name,
        release.chart,
    )


def _by_source(output: str) -> dict[str, str]:
    """The documents of each template, in their order; a template may make several, and not all in a row."""
    found: dict[str, str] = {}
    for source, text in _documents(output):
        found[source] = found.get(source, "") + text
    return found


def _documents(output: str) -> Iterator[tuple[str, str]]:
    """Each with its template; what stands before the first one that has a template has none."""
    heads = list(_DOCUMENT.finditer(output))
    starts = [head.start() for head in heads]
    if output[: min(starts, default=None)].strip():
        yield "", output[: min(starts, default=None)]
    for head, end in zip(heads, [*starts[1:], len(output)], strict=False):
        yield head["source"], output[head.start() : end]


def _rendered(chart: str, source: str, text: str) -> Rendered:
    """Helm writes `NAME/templates/…` with the chart's own name, whatever its folder is called."""
    template = Path(chart, source.partition("/")[2])
    try:
        return Rendered(show(str(template)), text, decode(read_bytes(str(template))))
    except (UnreadableError, MalformedError):
        return Rendered(f"helm:{source}", text)
