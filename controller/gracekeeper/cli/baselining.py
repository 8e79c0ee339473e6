"""What `check` does with a baseline: its findings are known, and on request the file is written anew."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gracekeeper.baseline import Baseline, Read
from gracekeeper.cli.terminal import write
from gracekeeper.errors import ConfigurationError
from gracekeeper.reports.report import Baselined

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gracekeeper.reports.report import Report
    from gracekeeper_policies.verdict import Ruling


@dataclasses.dataclass(frozen=True)
class Baselining:
    """A baseline and what a run is to do with it; `adopt` and `prune` have it written, `paths` are those checked."""

    before: Baseline
    adopt: bool
    prune: bool
    paths: Sequence[str]

    @classmethod
    def asked(cls, path: str | None, *, adopt: bool, prune: bool, paths: Sequence[str]) -> Baselining:
        """Read the baseline of a call.

        Raises:
            ConfigurationError: the options contradict each other, or the file is missing or broken.
        """
        if adopt and prune:
            raise ConfigurationError("--write-baseline and --prune-baseline exclude each other.")
        if path is None:
            option = "--write-baseline" if adopt else "--prune-baseline"
            raise ConfigurationError(f"{option} needs --baseline FILE.", "It names the file to write.")
        return cls(_read(path, adopt=adopt), adopt, prune, paths)

    def applied(self, report: Report) -> Report:
        """The report under the baseline, which is written where that was asked for.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        # What a tool renders may come from files that nobody named.
        origins = {judged.document.origin for judged in report.verdict.judged}
        read = Read((*self.paths, *origins), tuple(problem.file for problem in report.problems))
        known = self.before.known_among(report.found)
        silenced: Collection[Ruling] = frozenset(report.found) if self.adopt else known.keys()
        writes = (self.adopt or self.prune) and bool(report.policies)  # without a policy nothing was judged
        if writes:
            write(self.before.rewritten(silenced, known, read).text(), self.before.path)
        gone = 0 if writes else self.before.gone(known, read)
        return _silencing(report, silenced, Baselined(self.before.path, len(silenced), gone))


def _read(path: str, *, adopt: bool) -> Baseline:
    try:
        return Baseline.read(path)
    except FileNotFoundError:
        if adopt:
            return Baseline(path)
        raise ConfigurationError(f"there is no baseline {path}.", "--write-baseline makes it.") from None


def _silencing(report: Report, silenced: Collection[Ruling], outcome: Baselined) -> Report:
    rulings = tuple(
        replace(ruling, suppressed=f"baseline {outcome.file}") if ruling in silenced else ruling
        for ruling in report.verdict.rulings
    )
    return dataclasses.replace(report, verdict=replace(report.verdict, rulings=rulings), baseline=outcome)
