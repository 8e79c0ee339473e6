"""From the paths of a command line to a verdict, and from there to what a report needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gracekeeper.cli.progress import Progress
from gracekeeper.reports.report import Report, count_unreadable, misread_problems
from gracekeeper.sources.input import STANDARD_INPUT, Input, read
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import neighbours_among

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from gracekeeper.sources.exclusion import Globs
    from gracekeeper_policies.kubernetes import KubernetesVersion
    from gracekeeper_policies.policy import GracePolicy
    from gracekeeper_policies.watching import Watch


@dataclass(frozen=True)
class Question:
    """What a verb that reads manifests is asked; `now` is the day on which it is asked."""

    paths: tuple[str, ...]
    namespace: str
    kubernetes_version: KubernetesVersion
    allow_empty: bool
    now: date
    exclude: tuple[Globs, ...] = ()

    def read(self, watch: Watch) -> Input:
        """Read the named paths, or the current directory where none is named."""
        stdin = sys.stdin.buffer if STANDARD_INPUT in self.paths else None
        return read(self.paths or (".",), stdin=stdin, exclude=self.exclude, watch=watch)


def today() -> date:
    """The day in UTC, by the machine's clock."""
    return datetime.now(UTC).date()


def judged(question: Question, policy: GracePolicy) -> Report:
    """Read and judge under one policy."""
    progress = Progress(sys.stderr)
    found = question.read(progress.watch)
    neighbours, misread = neighbours_among(found.documents, question.namespace)
    verdict = judge(
        found.documents,
        policies=(policy,),
        rules=RULES,
        neighbours=neighbours,
        now=question.now,
        kubernetes_version=question.kubernetes_version,
        namespace=question.namespace,
        watch=progress.watch,
    )
    misread += verdict.misread
    return Report(
        verdict,
        found,
        problems=tuple(sorted([*_problems(question, found), *misread_problems(misread, found)])),
        unreadable=count_unreadable(found.problems, misread, verdict),
        skipped=found.skipped,
        not_kubernetes=found.not_kubernetes,
        namespace=question.namespace,
        profile=policy.profile.label,
        rules=sum(rule.card.profile <= policy.profile for rule in RULES),
    )


def _problems(question: Question, found: Input) -> Sequence[Problem]:
    if question.allow_empty:
        return found.problems
    problems = (*found.problems, *found.empty)
    if problems or found.documents:
        return problems
    where = ", ".join(question.paths) or "the current directory"
    return (Problem(where, 0, 0, "holds no Kubernetes object, expected at least one; --allow-empty accepts that"),)


def tell_problems(report: Report) -> None:
    """Name on standard error what could not be read."""
    for problem in report.problems:
        click.echo(str(problem), err=True)
