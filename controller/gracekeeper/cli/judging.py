"""From the paths of a command line to a verdict, and from there to what a report needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gracekeeper.cli.image_facts import ImageFacts, image_facts
from gracekeeper.cli.progress import Progress
from gracekeeper.errors import ConfigurationError
from gracekeeper.jobs import Jobs
from gracekeeper.policyfiles.in_force import InForce, PolicyFiles
from gracekeeper.reports.report import Report, count_unreadable, misread_problems
from gracekeeper.sources.input import REVISION, STANDARD_INPUT, Input, read
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.judge import Judging
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from gracekeeper.images.build import Listed
    from gracekeeper.images.platforms import Platform
    from gracekeeper.reports.report import Places
    from gracekeeper.sources.edits import Passage
    from gracekeeper.sources.exclusion import Globs
    from gracekeeper.sources.positions import Span
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.hearing import Heard
    from gracekeeper_policies.judge import Notes
    from gracekeeper_policies.kubernetes import KubernetesVersion
    from gracekeeper_policies.policy import Profile
    from gracekeeper_policies.process.image import ImageReference
    from gracekeeper_policies.rule import Rule
    from gracekeeper_policies.verdict import Verdict


@dataclass(frozen=True)
class Question:
    """What a verb that reads manifests is asked, on the day `now`; `jobs` None lets the amount of work decide.

    `helm` is a chart, rendered with `values` and `sets`; `kustomize` are overlays. `archives` and `dockerfiles` tell of
    images, and so do `roots`, folders with the images that are built from them.
    """

    paths: tuple[str, ...]
    namespace: str
    kubernetes_version: KubernetesVersion
    allow_empty: bool
    now: date
    exclude: tuple[Globs, ...] = ()
    jobs: int | None = 1
    helm: str | None = None
    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    helm_dependencies: bool = False
    kustomize: tuple[str, ...] = ()
    archives: tuple[tuple[ImageReference | None, str], ...] = ()
    dockerfiles: tuple[tuple[ImageReference, str], ...] = ()
    platform: Platform | None = None
    roots: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """ConfigurationError: what a chart is rendered with is named, but no chart."""
        if self.helm == "":
            raise ConfigurationError("--helm names no chart.", "It takes the folder of a chart, or a .tgz file.")
        given = {"--values": self.values, "--set": self.sets, "--helm-dependencies": self.helm_dependencies}
        idle = [option for option, value in given.items() if value]
        if idle and self.helm is None:
            raise ConfigurationError(f"{idle[0]} needs --helm CHART.", "It is the chart that it goes into.")

    @property
    def places(self) -> tuple[str, ...]:
        """Where what is read lies, as far as it lies in files of today."""
        charts = (self.helm,) if self.helm else ()
        named = (*self.paths, *charts, *self.kustomize) or (".",)
        return tuple(path for path in named if not path.startswith(REVISION))

    @property
    def sources(self) -> tuple[str, ...]:
        """Everything that is to be read: the current directory where nothing is named."""
        return (*self.paths, *((self.helm,) if self.helm else ()), *self.kustomize) or (".",)

    def read(self, jobs: Jobs, exclude: tuple[Globs, ...] = ()) -> Input:
        """Read what is named, or the current directory where nothing is; `exclude` comes from policy files."""
        exclude = (*self.exclude, *exclude)
        stdin = sys.stdin.buffer if STANDARD_INPUT in self.paths else None
        if self.helm or self.kustomize or any(path.startswith(REVISION) for path in self.paths):
            from gracekeeper.cli.fetching import read_fetched  # noqa: PLC0415 - most runs read nothing but files

            return read_fetched(self, stdin, exclude, jobs)
        return read(self.paths or (".",), stdin=stdin, exclude=exclude, jobs=jobs)


def today() -> date:
    """The day in UTC, by the machine's clock."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class _Places:
    """Places in what is checked, and in the policy files, whose exceptions may be found too."""

    checked: Input
    policies: Input

    def locate(self, document: Document, path: Path) -> Span | None:
        """Where a value stands."""
        return self.checked.locate(document, path) or self.policies.locate(document, path)

    def passage(self, document: Document) -> Passage | None:
        """The text of a document."""
        return self.checked.passage(document) or self.policies.passage(document)

    def line_text(self, origin: str, line: int) -> str:
        """A line of a text."""
        return self.checked.line_text(origin, line) or self.policies.line_text(origin, line)


def judged(
    question: Question,
    policies: PolicyFiles | GracePolicy,
    profile: Profile | None = None,
    listed: Sequence[Listed] = (),
) -> Report:
    """Read and judge by policy files, under `profile` instead of their own where it is given, or by one policy.

    `listed` are the Dockerfiles of images beside one policy; policy files bring their own.
    """
    jobs = Jobs(question.jobs, Progress(sys.stderr).watch)
    if isinstance(policies, GracePolicy):
        found = question.read(jobs)
        facts = image_facts(question, listed, (), ())
        return _report(question, found, InForce((policies,)), facts, found, jobs)
    found = question.read(jobs, policies.exclude)
    facts = image_facts(question, policies.images, policies.roots, policies.exclude)
    in_force = policies.in_force(found.documents, profile)
    return _report(question, found, in_force, facts, _Places(found, policies.input), jobs)


def _report(
    question: Question, found: Input, in_force: InForce, facts: ImageFacts, places: Places, jobs: Jobs
) -> Report:
    neighbours, misread = neighbours_among(found.documents, question.namespace)
    judging = Judging(
        in_force.policies,
        RULES,
        neighbours,
        question.now,
        in_force.exceptions,
        facts.images,
        kubernetes_version=question.kubernetes_version,
        namespace=question.namespace,
    )
    verdict = judging.verdict(found.documents, hear(judging, found.documents, (*RULES, *in_force.exceptions), jobs))
    if question.helm:
        verdict = _with_values(verdict, question, found)
    misread += verdict.misread + in_force.misread
    problems = {*_problems(question, found), *in_force.problems, *facts.problems, *misread_problems(misread, places)}
    return Report(
        verdict,
        places,
        problems=tuple(sorted(problems)),
        unreadable=count_unreadable((*found.problems, *in_force.problems, *facts.problems), misread, verdict),
        skipped=tuple(sorted({*found.skipped, *in_force.skipped, *facts.skipped(verdict)})),
        not_kubernetes=found.not_kubernetes,
        namespace=question.namespace,
        policies=in_force.policies,
        policy_files=in_force.files,
        jobs=jobs,
        rules=sum(any(_applies(rule, policy) for policy in in_force.policies) for rule in RULES),
    )


def _with_values(verdict: Verdict, question: Question, found: Input) -> Verdict:
    # Few runs render a chart.
    from gracekeeper.cli.chart_values import with_values  # noqa: PLC0415
    from gracekeeper.cli.fetching import release_of  # noqa: PLC0415

    release = release_of(question)
    return with_values(verdict, release, found) if release else verdict


def hear(judging: Judging, documents: Sequence[Document], known: Iterable[object], jobs: Jobs) -> Iterator[Heard]:
    """Hear the workloads among the documents; `known` are further objects that what is heard may refer to."""

    def part(workloads: Sequence[Document]) -> tuple[list[Heard], Notes]:
        return [judging.hear(workload) for workload in workloads], judging.notes()

    known = (judging, *documents, *known)
    for heard, notes in jobs.share(part, judging.workloads(documents), "Judging", known):
        judging.take_notes(notes)
        yield from heard


def _applies(rule: Rule, policy: GracePolicy) -> bool:
    return policy.mode_of(rule.id, rule.card.profile, policy.mode) is not Mode.OFF


def _problems(question: Question, found: Input) -> Sequence[Problem]:
    if question.allow_empty:
        return found.problems
    problems = (*found.problems, *found.empty)
    if problems or found.documents:
        return problems
    where = ", ".join(question.sources) if question.sources != (".",) else "the current directory"
    return (Problem(where, 0, 0, "holds no Kubernetes object, expected at least one; --allow-empty accepts that"),)


def tell_problems(report: Report) -> None:
    """Name on standard error what could not be read."""
    for problem in report.problems:
        click.echo(str(problem), err=True)
