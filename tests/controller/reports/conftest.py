"""Manifests as verdicts, and rules whose words are the tests' own, so that no rule's change breaks a report."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias, cast

import pytest

from gracekeeper.reports.report import Report, count_unreadable, misread_problems
from gracekeeper.reports.roots import Root
from gracekeeper.sources.input import read
from gracekeeper_policies.finding import Argument, Evidence, Finding, Related, Set, Severity
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy, Profile, Scope
from gracekeeper_policies.rule import Card, Drawing, Rule, RuleModule

if TYPE_CHECKING:
    from pathlib import Path

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.timeline import Timeline
    from gracekeeper_policies.verdict import Judged
    from gracekeeper_policies.workload import Workload

Check: TypeAlias = Callable[..., Iterator[Finding]]
Reported: TypeAlias = Callable[..., Report]

NOW = date(2026, 11, 22)


_PAGE = """Something goes wrong.

## What it does
Finds it.

## Why it matters
It hurts.

## What to do
Mend it.
"""


def _rule(name: str, check: Check, severity: Severity = Severity.ERROR, drawing: Drawing | None = None) -> Rule:
    """A rule of the tests' own; its concern is `shutdown`."""
    module = SimpleNamespace(
        __name__=f"gracekeeper_policies.rules.shutdown.{name}",
        __doc__=_PAGE,
        CARD=Card(severity, Profile.STANDARD, "0.1", drawing=drawing),
        BAD={"wrong": "\n    containers:  # finding\n    - name: web\n"},
        GOOD={"right": "\n    containers: []\n"},
        check=check,
    )
    return Rule(cast("RuleModule", module))


def _too_short(timeline: Timeline) -> Iterator[Finding]:
    stop = timeline.stop
    if stop.drained is not None and stop.drained > stop.killed:
        yield Finding(
            stop.path,
            f"Requests that run longer than {stop.killed:g} s are cut, since the server finishes them for up to "
            f"{stop.drained:g} s and the pod is killed before that.",
            (Set(stop.path, 77, "15 + 60 + 2 margin"), Argument("--graceful-timeout 13", None, "30 − 15 − 2")),
            evidence=(Evidence("grace period", f"{stop.grace} s", "terminationGracePeriodSeconds"),),
        )


def _limit_missing(container: Container) -> Iterator[Finding]:
    path = (*container.path, "resources", "limits", "memory")
    if container.limit("memory") is None:
        yield Finding(
            path, "Nothing bounds its memory.", (Set(path, str(container.request("memory") or "512Mi"), "a start"),)
        )


def _service_suspected(workload: Workload) -> Iterator[Finding]:
    for service in workload.services:
        yield Finding(
            (*workload.pod_path, "containers"),
            "A Service sends to it.",
            (),
            "the port is not known, since its address stands in the image",
            evidence=(Evidence("port", "unknown", "its address stands in the image"),),
            related=(Related(service.document, ("spec", "ports", 0), "this port"),),
        )


TOO_SHORT = _rule("too_short", _too_short, drawing=Drawing.SHUTDOWN)
LIMIT_MISSING = _rule("limit_missing", _limit_missing, Severity.WARNING)
SERVICE_SUSPECTED = _rule("service_suspected", _service_suspected)
RULES = (TOO_SHORT, LIMIT_MISSING, SERVICE_SUSPECTED)


@pytest.fixture
def rules() -> tuple[Rule, ...]:
    """Rules on the shutdown, a container and a pod, each with words of its own."""
    return RULES


@pytest.fixture
def reported(folder: Path) -> Reported:
    """Write files, given by name, and judge them by the tests' rules."""

    def report(*, scope: Scope = Scope.PYTHON_OR_UNKNOWN, **files: str) -> Report:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
        found = read(["."])
        neighbours, misread = neighbours_among(found.documents)
        verdict = judge(
            found.documents, policies=(GracePolicy(scope=scope),), rules=RULES, neighbours=neighbours, now=NOW
        )
        misread += verdict.misread
        problems = tuple(sorted([*found.problems, *misread_problems(misread, found)]))
        unreadable = count_unreadable(found.problems, misread, verdict)
        return Report(verdict, found, problems, unreadable, found.skipped, found.not_kubernetes, rules=len(RULES))

    return report


CUT = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --graceful-timeout=60, "app:app"]
"""
CLEAN = """
    terminationGracePeriodSeconds: 60
    containers:
    - {name: web, image: "shop/web:1", command: [gunicorn, "app:app"], resources: {limits: {memory: 1Gi}}}
"""
SERVICE = """---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
EXEMPT = ', annotations: {gracekeeper.dev/exempt: "too-short: drained by the mesh; limit-missing: <b> & | @all #1"}'


@pytest.fixture
def everything(reported: Reported) -> Report:
    """Findings of each severity and certainty, a silenced one, a clean workload, and a file that cannot be read."""
    return reported(
        web=f"{_deployment(CUT)}{SERVICE}",
        clean=_deployment(CLEAN, name="clean"),
        silenced=_deployment(CUT, name="silenced", metadata=EXEMPT),
        broken="kind: a: b\napiVersion: c\n",
    )


@pytest.fixture
def root(folder: Path) -> Root:
    """The working directory as the root of a checkout."""
    return Root(str(folder), str(folder))


@pytest.fixture
def pod(reported: Reported, deployment: Callable[..., str]) -> Callable[..., Judged]:
    """A Deployment `shop/web` around a pod's specification, judged."""

    def judged(spec: str, metadata: str = "") -> Judged:
        return reported(scope=Scope.ALL, web=deployment(spec, metadata=metadata)).verdict.judged[0]

    return judged


@pytest.fixture
def deployment() -> Callable[..., str]:
    """The manifest of a Deployment `shop/NAME` with a pod's specification and more of its metadata."""
    return _deployment


def _deployment(spec: str, name: str = "web", metadata: str = "") -> str:
    head = (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec:\n  replicas: 3\n  template:\n    metadata: {{labels: {{app: {name}}}{metadata}}}\n    spec:\n"
    )
    return head + textwrap.indent(textwrap.dedent(spec).strip("\n"), "      ") + "\n"
