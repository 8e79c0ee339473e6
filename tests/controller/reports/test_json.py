"""The report for programs, as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gracekeeper.reports.json import json_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Any]
    Deployment = Callable[..., str]

CUT = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --graceful-timeout=60, "app:app"]
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""


def test_report(reported: Reported, deployment: Deployment, expected: Expected) -> None:
    """Findings, related places, evidence and problems, field by field."""
    both = f"{deployment(CUT)}---{SERVICE}".replace(", namespace: shop", "")

    expected("json/findings.json", json_text(reported(web=both, broken="kind: a: b\napiVersion: c\n")))


def test_suppressed_findings_are_counted_apart(reported: Reported, deployment: Deployment) -> None:
    """What is silenced stays in the list with its reason, and leaves the counts."""
    metadata = ', annotations: {gracekeeper.dev/exempt: "too-short: drained by the mesh"}'
    content = json.loads(json_text(reported(web=deployment(CUT, metadata=metadata))))

    assert content["summary"]["findings"] == {"error": 0, "warning": 1, "note": 0}
    assert content["summary"]["suppressed"] == 1
    assert {each["rule"]: each["suppressed"] for each in content["findings"]} == {
        "too-short": "annotation gracekeeper.dev/exempt: drained by the mesh",
        "limit-missing": None,
    }


def test_unreadable_documents_are_counted_once(reported: Reported, deployment: Deployment) -> None:
    """A document with two wrong fields is one; an annotation that cannot be read leaves its workload judged."""
    wrong = deployment("{containers: {}, hostPID: 3}").replace("replicas: 3", "replicas: three")
    odd = deployment(CUT, name="odd", metadata=', annotations: {gracekeeper.dev/exempt: "no-such-rule: why"}')
    content = json.loads(json_text(reported(wrong=wrong, odd=odd)))

    assert content["summary"]["unreadable"] == 1
    assert content["summary"]["workloads"] == 1
    assert len(content["problems"]) == 4
