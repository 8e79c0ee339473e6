"""Several processes find what one finds."""

from __future__ import annotations

import os
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from gracekeeper.cli import jobs
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.judge import Judging
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.watching import unwatched

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Verdict

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: shop}}
spec:
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      containers:
      - {{name: web, image: "shop/web:{tag}", command: [gunicorn, --bind=:{port}, --graceful-timeout=60, app]}}
---
apiVersion: v1
kind: Service
metadata: {{name: web-{number}, namespace: shop}}
spec: {{selector: {{app: web-{number}}}, ports: [{{port: 80, targetPort: 8000}}]}}
---
"""
EXCEPTIONS = """\
apiVersion: gracekeeper.dev/v1alpha1
kind: GraceException
metadata: {name: untagged, namespace: shop}
spec: {rules: [image-tag-mutable], match: {names: [web-1, "web-2*"]}, reason: soon, expires: 2099-12-31}
---
apiVersion: gracekeeper.dev/v1alpha1
kind: GraceException
metadata: {name: ended, namespace: shop}
spec: {rules: [run-as-root], match: {names: ["web-*"]}, reason: soon, expires: 2020-01-01}
---
apiVersion: gracekeeper.dev/v1alpha1
kind: GraceException
metadata: {name: in-vain, namespace: shop}
spec: {rules: [grace-period-zero], match: {names: ["web-*"]}, reason: soon, expires: 2099-12-31}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: misread, namespace: shop}
spec: {replicas: "three", template: {spec: {containers: [{name: web}]}}}
"""


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Verdict]:
    """Judge the same input with a number of processes."""
    monkeypatch.setattr(jobs, "_SLICE", 3)
    text = "".join(
        WORKLOAD.format(number=number, tag="latest" if number % 3 else "1.2.3", port=8000 + number % 2)
        for number in range(20)
    )
    documents = read(["-"], stdin=BytesIO((text + EXCEPTIONS).encode())).documents
    in_force = PolicyFiles((), RULES, "default").in_force(documents)

    def judged(processes: int) -> Verdict:
        neighbours = neighbours_among(documents)[0]
        judging = Judging(in_force.policies, RULES, neighbours, date(2026, 11, 22), in_force.exceptions)
        workloads = judging.workloads(documents)
        known = (*documents, *RULES, *in_force.exceptions)
        return judging.verdict(documents, jobs.hear(judging, workloads, known, processes, unwatched))

    return judged


def told(verdict: Verdict) -> list[tuple[object, ...]]:
    """All that reports are made from."""
    return [
        *((each.sort_key, each.rule, each.document, each.finding, each.suppressed) for each in verdict.rulings),
        *((each.document, each.path, each.message) for each in verdict.misread),
        *((each.document, each.identity, each.untold) for each in verdict.judged),
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_find_what_one_finds(verdict: Callable[[int], Verdict], processes: int) -> None:
    """With the same objects in it, and with what all of them learned of the exceptions."""
    one, several = told(verdict(1)), told(verdict(processes))

    assert len(one) > 100
    assert {"exception-expired", "exception-unused"} <= {row[1].id for row in one if hasattr(row[1], "id")}
    assert one == several


def test_what_was_worked_out_is_let_go_and_worked_out_again(verdict: Callable[[int], Verdict]) -> None:
    """A verdict on thousands must stay small, and a report still sees each one whole."""
    judged = verdict(1).judged[0]

    assert "_laid" not in vars(judged)
    assert "gunicorn" == judged.processes[0].name
    judged.release()
    assert "_laid" not in vars(judged)


@pytest.mark.parametrize(
    ("asked", "workloads", "processors", "used"),
    [
        (None, 50, 8, 1),
        (None, 500, 8, 2),
        (None, 5000, 8, 8),
        (4, 5000, 2, 4),
        (4, 150, 2, 2),
        (1, 5000, 8, 1),
        (3, 0, 8, 1),
    ],
)
def test_work_decides_how_many_processes_are_worth_it(
    monkeypatch: pytest.MonkeyPatch, asked: int | None, workloads: int, processors: int, used: int
) -> None:
    """Where nobody says: as many as there are processors, and none for a few manifests."""
    monkeypatch.setattr(jobs, "_processors", lambda: processors)

    assert used == jobs.chosen(asked, workloads)
