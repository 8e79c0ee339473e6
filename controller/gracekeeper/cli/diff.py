"""`gracekeeper diff`: what a change adds and mends."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gracekeeper.cli import options
from gracekeeper.cli.judging import Question, judged, tell_problems, today
from gracekeeper.cli.terminal import STANDARD_OUTPUT, style_of, write
from gracekeeper.errors import InputError
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.reports.change import change_json, change_text
from gracekeeper.sources.input import REVISION, STANDARD_INPUT
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.comparison import Comparison, compared
from gracekeeper_policies.policy import Profile

if TYPE_CHECKING:
    from gracekeeper.reports.report import Report


@click.command("diff", short_help="Show what a change adds and mends.")
@options.judging
@click.argument("old")
@click.argument("new")
@options.policies
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option("--output", type=click.Path(), metavar="FILE", default=STANDARD_OUTPUT, help="Where the report goes.")
@options.fail_on
@click.option("--verbose", is_flag=True, help="Tell every finding at length.")
def command(
    *,
    old: str,
    new: str,
    no_color: bool,
    policies: tuple[str, ...],
    profile: str | None,
    form: str,
    output: str,
    fail_on: str,
    verbose: bool,
    **given: Any,  # noqa: ANN401 - click gives what `Question` declares
) -> None:
    """Show what NEW has that OLD has not: findings added, findings mended, shutdowns made worse or better.

    Each is a file, a directory or a git revision: `main` for the other's path in it, or for the working directory;
    `git:REV:PATH` for another path. Only what NEW adds counts for the exit status.
    """
    question = Question((), **given, now=today())
    files = PolicyFiles(policies, RULES, question.namespace)
    asked = Profile[profile.upper()] if profile else None
    before, after = (
        judged(replace(question, paths=(path,)), files, asked) for path in (_path(old, new), _path(new, old))
    )
    for report in (before, after):
        tell_problems(report)
    for path, report in ((old, before), (new, after)):
        if report.problems and not report.verdict.documents:
            hint = "--allow-empty accepts a path that is new or gone."
            raise InputError(f"nothing of {path} could be read, so there is nothing to compare.", hint)
    comparison = compared(before.verdict, after.verdict)
    style = style_of(sys.stdout, no_color=no_color)
    texts = {
        "text": lambda: change_text(before, after, comparison, style, verbose=verbose),
        "json": lambda: change_json(before, after, comparison),
    }
    write(texts[form](), output)
    click.get_current_context().exit(_status(after, comparison, fail_on))


def _path(side: str, other: str) -> str:
    """What is not there as a file is a revision: of the path that the other side names, else of the directory."""
    if side == STANDARD_INPUT or side.startswith(REVISION) or Path(side).exists():
        return side
    path = other if not other.startswith(REVISION) and Path(other).exists() else "."
    return f"{REVISION}{side}:{path if path.startswith('.') else f'./{path}'}"


def _status(new: Report, comparison: Comparison, fail_on: str) -> int:
    if new.problems:
        return 2
    return int(options.fails(comparison.added, fail_on))
