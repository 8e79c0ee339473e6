"""Findings in a rendered chart, each with the chart's value that sets what is found, where that is beyond doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gracekeeper.sources.helm_settings import Place, setting_of
from gracekeeper.sources.helm_values import Values, values_of
from gracekeeper_policies.document import Document
from gracekeeper_policies.finding import Evidence, Related

if TYPE_CHECKING:
    from gracekeeper.sources.helm import Release
    from gracekeeper.sources.helm_values import Setting
    from gracekeeper.sources.input import Input
    from gracekeeper_policies.finding import Finding
    from gracekeeper_policies.verdict import Ruling, Verdict


def with_values(verdict: Verdict, release: Release, found: Input) -> Verdict:
    """The verdict on what was rendered from a chart among other things; `found` learns to find places in its values."""
    values = values_of(release)
    if values is None:
        return verdict
    search = _Search(release, values, found)
    return replace(verdict, rulings=tuple(map(search.told, verdict.rulings)))


@dataclass(frozen=True)
class _Search:
    release: Release
    values: Values
    found: Input
    documents: dict[str, Document] = field(default_factory=dict)

    def told(self, ruling: Ruling) -> Ruling:
        """The ruling, with who sets what it finds."""
        setting = self._setting(ruling)
        return replace(ruling, finding=self._with(setting, ruling.finding)) if setting else ruling

    def _setting(self, ruling: Ruling) -> Setting | None:
        document = ruling.document
        rendered = self.found.rendered.get(document.origin)
        # A chart within the chart has values of its own.
        if rendered is None or not rendered.shown.startswith(self.release.templates) or document.base:
            return None
        locator = self.found.texts.locator(document.origin, document.index)
        if locator is None or not rendered.source:
            return None
        at = ruling.finding.at
        return setting_of(
            Place(document, at, locator.find(at).line - 1, locator.find(()).line - 1), rendered, self.values
        )

    def _with(self, setting: Setting, finding: Finding) -> Finding:
        name = ".".join(setting.keys)
        if setting.file is None:
            return replace(finding, evidence=(*finding.evidence, Evidence("value of the chart", name, "--set")))
        file = setting.file
        if file.shown not in self.documents:
            self.found.texts.add(file.shown, file.text, [file.extent], file.path)
            self.documents[file.shown] = Document(file.values, file.shown)
        place = Related(self.documents[file.shown], setting.keys, f"the chart's value `{name}` is set here")
        return replace(finding, related=(*finding.related, place))
