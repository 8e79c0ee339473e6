"""The rules on Jobs: what ends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {{name: report}}
spec: {{{own} template: {{spec: {{{pod} restartPolicy: Never, containers: [{{name: report, image: python:3.13}}]}}}}}}
"""
CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: report}}
spec:
  concurrencyPolicy: {policy}
  jobTemplate: {{spec: {{{own} template: {{spec: {{containers: [{{name: report, image: python:3.13}}]}}}}}}}}
"""


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        (JOB.format(own="", pod=""), True),
        (JOB.format(own="activeDeadlineSeconds: 60,", pod=""), False),
        (JOB.format(own="", pod="activeDeadlineSeconds: 60,"), False),
        (CRON_JOB.format(policy="Allow", own=""), True),
        (CRON_JOB.format(policy="Forbid", own=""), True),
        (CRON_JOB.format(policy="Replace", own=""), False),
        (CRON_JOB.format(policy="Allow", own="activeDeadlineSeconds: 60,"), False),
        ("containers: [{name: web, image: python:3.13}]", False),
        ("apiVersion: v1\nkind: Pod\nspec: {restartPolicy: Never, containers: [{image: python:3.13}]}", False),
    ],
)
def test_a_job_ends_at_its_deadline(found: Callable[..., set[str]], text: str, finds: bool) -> None:
    """Its own or its pods', or when the next run replaces it."""
    assert finds is ("job-unbounded" in found(text))
