"""`gracekeeper check`: the dry run."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from gracekeeper.cli import options
from gracekeeper.cli.formats import FORMATS
from gracekeeper.cli.judging import Question, judged, tell_problems, today
from gracekeeper.cli.pipeline import Pipeline
from gracekeeper.cli.terminal import STANDARD_OUTPUT, write
from gracekeeper.errors import ConfigurationError
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import Profile

if TYPE_CHECKING:
    from gracekeeper.cli.baselining import Baselining
    from gracekeeper.reports.report import Report
    from gracekeeper_policies.finding import Severity


@dataclass(frozen=True)
class Call:
    """What `check` is to report, and how.

    The n-th output is the n-th format's; a format without one goes to standard output.
    """

    no_color: bool
    policies: tuple[str, ...]
    profile: str | None
    formats: tuple[str, ...]
    outputs: tuple[str, ...]
    fail_on: str
    baseline: str | None
    write_baseline: bool
    prune_baseline: bool
    verbose: bool
    pipeline: Pipeline

    def baselining(self, question: Question) -> Baselining | None:
        """What is to be done with a baseline; None where there is none."""
        if self.baseline is None and not (self.write_baseline or self.prune_baseline):
            return None
        from gracekeeper.cli.baselining import Baselining  # noqa: PLC0415 - loaded where it is asked for

        return Baselining.asked(
            self.baseline, adopt=self.write_baseline, prune=self.prune_baseline, paths=question.sources
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Each format with the file that it goes to.

        Raises:
            ConfigurationError: two reports share a place, one has the baseline's, or an output has no format.
        """
        formats = self.formats or ("text",)
        if len(self.outputs) > len(formats):
            raise ConfigurationError("--output is given more often than --format.", "Name a format for each output.")
        outputs = (*self.outputs, *(STANDARD_OUTPUT for _ in formats[len(self.outputs) :]))
        if self.baseline in outputs:
            raise ConfigurationError(
                f"a report would overwrite the baseline {self.baseline}.", "Name another --output."
            )
        if len(set(outputs)) < len(outputs):
            raise ConfigurationError("two formats go to the same place.", "Give each --format an --output of its own.")
        return list(zip(formats, outputs, strict=True))

    def status(self, report: Report) -> int:
        """The exit status: unread input weighs more than findings."""
        if report.problems:
            return 2
        return int(options.fails(report.found, self.fail_on))

    @property
    def fails(self) -> Severity | None:
        """The least severity that fails; None where none does."""
        return options.threshold(self.fail_on)


@click.command("check", short_help="Find what will go wrong when Kubernetes starts and stops your workloads.")
@options.reading
@options.policies
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="Form of the report; repeatable. [default: text]",
)
@click.option(
    "--output",
    "outputs",
    type=click.Path(),
    multiple=True,
    metavar="FILE",
    help="Where the report goes; the n-th output is the n-th format's. [default: standard output]",
)
@options.fail_on
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="File with findings that are known: they are counted apart and fail nothing.",
)
@click.option(
    "--write-baseline", is_flag=True, help="Make every finding of this run known, and write the baseline anew."
)
@click.option(
    "--prune-baseline", is_flag=True, help="Take out of the baseline what is found no more; nothing becomes known."
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Processes that share the work. [default: as many as processors, once there is enough of it]",
)
@click.option(
    "--verbose", is_flag=True, help="Tell every finding at length, silenced ones too, and name everything left out."
)
def command(**given: Any) -> None:  # noqa: ANN401 - click gives what `Call` and `Question` declare
    """Judge the manifests in files and directories, `-` for standard input; without PATH the current directory.

    Directories are searched for *.yaml, *.yml and *.json. Findings go to standard output, what could not be read to
    standard error.
    """
    given["pipeline"] = Pipeline.read(os.environ)
    call = Call(**{field.name: given.pop(field.name) for field in fields(Call)})
    question = Question(**given, now=today())
    pairs, baselining = call.pairs(), call.baselining(question)
    policies = PolicyFiles(call.policies, RULES, question.namespace)
    report = judged(question, policies, Profile[call.profile.upper()] if call.profile else None)
    tell_problems(report)
    if baselining:
        report = baselining.applied(report)
    for format_, path in pairs:
        write(FORMATS[format_](report, call, path), path)
    click.get_current_context().exit(call.status(report))
