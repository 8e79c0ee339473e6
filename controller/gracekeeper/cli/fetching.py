"""Reads manifests that other programs have to fetch or render first; what one of them cannot do is a problem."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

import click

from gracekeeper.sources import git, helm, kustomize
from gracekeeper.sources.files import show
from gracekeeper.sources.input import REVISION, Input, read
from gracekeeper.sources.problems import Problem
from gracekeeper.sources.programs import NothingThereError, ProgramError

if TYPE_CHECKING:
    from gracekeeper.cli.judging import Question
    from gracekeeper.jobs import Jobs
    from gracekeeper.sources.exclusion import Globs
    from gracekeeper.sources.files import Tree
    from gracekeeper.sources.rendered import Rendered


def read_fetched(question: Question, stdin: BinaryIO | None, exclude: tuple[Globs, ...], jobs: Jobs) -> Input:
    """Read what a question names, with all that is fetched and rendered for it."""
    problems: list[Problem] = []
    trees = _trees(question, problems)
    rendered = _rendered(question, problems)
    files = [path for path in question.paths if not path.startswith(REVISION)]
    return read(files, stdin=stdin, exclude=exclude, jobs=jobs, trees=trees, rendered=rendered, problems=problems)


def release_of(question: Question) -> helm.Release | None:
    """The chart that a question names, and what it is rendered with; None where it names none."""
    if not question.helm:
        return None
    version = str(question.kubernetes_version)
    return helm.Release(
        question.helm, question.values, question.sets, question.namespace, version, question.helm_dependencies
    )


def _trees(question: Question, problems: list[Problem]) -> list[Tree]:
    found = []
    for path in sorted({path for path in question.paths if path.startswith(REVISION)}):
        # A finding's line is read again when it is reported, so the files stay until the verb ends.
        folder = click.get_current_context().with_resource(TemporaryDirectory(prefix="gracekeeper-"))
        try:
            found.append(git.laid_out(git.Revision.parse(path), Path(folder).resolve()))
        except ProgramError as error:
            if not (question.allow_empty and isinstance(error, NothingThereError)):
                problems.append(Problem(path, 0, 0, str(error)))
    return found


def _rendered(question: Question, problems: list[Problem]) -> list[Rendered]:
    found = []
    release = release_of(question)
    if release:
        try:
            found += helm.rendered(release)
        except ProgramError as error:
            problems.append(Problem(show(release.chart), 0, 0, str(error)))
    for folder in question.kustomize:
        try:
            found += kustomize.rendered(folder)
        except ProgramError as error:
            problems.append(Problem(show(folder), 0, 0, str(error)))
    return found
