"""Several processes find what one finds."""

from __future__ import annotations

import os
from datetime import date
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

import pytest

from gracekeeper import jobs
from gracekeeper.cli.judging import hear
from gracekeeper.jobs import Jobs
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.judge import Judging
from gracekeeper_policies.neighbours import neighbours_among

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
def verdict() -> Callable[[int], Verdict]:
    """Judge the same input with a number of processes."""
    text = "".join(
        WORKLOAD.format(number=number, tag="latest" if number % 3 else "1.2.3", port=8000 + number % 2)
        for number in range(200)
    )
    documents = read(["-"], stdin=BytesIO((text + EXCEPTIONS).encode())).documents
    in_force = PolicyFiles((), RULES, "default").in_force(documents)

    def judged(processes: int) -> Verdict:
        neighbours = neighbours_among(documents)[0]
        judging = Judging(in_force.policies, RULES, neighbours, date(2026, 11, 22), in_force.exceptions)
        known = (*RULES, *in_force.exceptions)
        return judging.verdict(documents, hear(judging, documents, known, Jobs(processes)))

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


FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")


def squares(numbers: Sequence[int]) -> list[int]:
    """Do something with numbers."""
    return [number * number for number in numbers]


def raise_at_two_hundred(numbers: Sequence[int]) -> None:
    """Fail, but not at the first numbers."""
    if 200 in numbers:
        raise ValueError("200")


def end_at_two_hundred(numbers: Sequence[int]) -> bytes:
    """End the process, but not at the first numbers; more comes of the others than a pipe holds."""
    if 200 in numbers:
        os._exit(1)
    return bytes(1 << 20)


@FORKS
@pytest.mark.parametrize("processes", [1, 2, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 50, 99, 100, 101, 1234])
def test_outcomes_come_in_the_order_of_the_items(processes: int, count: int) -> None:
    """Whoever worked them out."""
    outcomes = [each for part in Jobs(processes).share(squares, range(count), "Squaring") for each in part]

    assert squares(range(count)) == outcomes


@FORKS
def test_what_another_process_raises_is_raised_here() -> None:
    """A mistake of ours is told as one, wherever it happens."""
    with pytest.raises(ValueError, match="200"):
        list(Jobs(2).share(raise_at_two_hundred, range(1000), "Failing"))


@FORKS
def test_a_process_that_ends_is_noticed() -> None:
    """Nobody waits for one that the system ended for want of memory."""
    with pytest.raises(RuntimeError, match="came to an end"):
        list(Jobs(2).share(end_at_two_hundred, range(1000), "Ending"))


@FORKS
def test_known_objects_stay_the_same_ones() -> None:
    """What comes back refers to them, not to copies."""
    known = [object() for _ in range(300)]
    outcomes = Jobs(2).share(list, known, "Looking", known)

    assert all(one is other for one, other in zip(known, (each for part in outcomes for each in part), strict=True))


@FORKS
@pytest.mark.parametrize(
    ("asked", "slices", "seconds", "processors", "used"),
    [
        (None, 18, 0.025, 8, 8),
        (None, 18, 0.005, 8, 1),
        (None, 2, 0.2, 8, 2),
        (4, 100, 0.0, 2, 4),
        (4, 3, 0.0, 2, 3),
        (1, 100, 9.0, 8, 1),
    ],
)
def test_work_decides_how_many_processes_are_worth_it(
    monkeypatch: pytest.MonkeyPatch, asked: int | None, slices: int, seconds: float, processors: int, used: int
) -> None:
    """Where nobody says: as many as there are processors, and none for what is done at once."""
    monkeypatch.setattr(jobs, "_processors", lambda: processors)

    assert used == Jobs(asked).processes(slices, seconds)


@FORKS
def test_the_first_process_finds_out_what_work_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does the first slices alone, and shares the rest where these took long."""
    monkeypatch.setattr(jobs, "_processors", lambda: 2)
    seconds = count(step=0.02)
    workers = Jobs(None, clock=lambda: next(seconds)).share(lambda _: os.getpid(), range(1000), "Working")

    pids = list(workers)

    assert [os.getpid()] * 2 == pids[:2]
    assert os.getpid() not in pids[2:]
    assert 2 == len(set(pids[2:]))
