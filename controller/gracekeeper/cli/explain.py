"""`gracekeeper explain`: what runs, and why we think so."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any, Final

import click
from msgspec import structs

from gracekeeper.cli import completion, options
from gracekeeper.cli.choosing import chosen
from gracekeeper.cli.judging import Question, judged, tell_problems, today
from gracekeeper.cli.terminal import style_of, write
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.reports.explain import explain
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import GracePolicy, Mode, Scope

NOTHING_JUDGED: Final = GracePolicy("explain", mode=Mode.OFF, scope=Scope.ALL)
"""Everything is explained, nothing is judged."""


@click.command("explain", short_help="Show what runs in each container, and how it starts and stops, in seconds.")
@options.reading
@click.option("--workload", metavar="KIND/NAME", shell_complete=completion.workloads, help="Explain this one alone.")
def command(*, no_color: bool, workload: str | None, **given: Any) -> None:  # noqa: ANN401 - click gives what `Question` declares
    """Show what runs in each container of the workloads in PATH, where every value was read, and both timelines.

    What is unknown is said with what would tell it.
    """
    question = Question(**given, now=today())
    files = PolicyFiles((), RULES, question.namespace)
    roots = (*question.roots, *files.roots)
    question = replace(question, exclude=(*question.exclude, *files.exclude), roots=roots)
    report = judged(question, structs.replace(NOTHING_JUDGED, pod_templates=files.pod_templates), listed=files.images)
    tell_problems(report)
    found = chosen(report.verdict.judged, workload)
    write(explain(found, style_of(sys.stdout, no_color=no_color)))
    click.get_current_context().exit(2 if report.problems else 0)
