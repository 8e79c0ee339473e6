"""What the API server is told, and through it kubectl and the audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper.reports import admission
from gracekeeper_policies.boundary import Misread
from gracekeeper_policies.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gracekeeper_policies.verdict import Ruling

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Any]
    Deployment = Callable[..., str]

CUT = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --graceful-timeout=60, "app:app"]
    - name: beside
      image: shop/beside:1
"""


@pytest.fixture
def rulings(reported: Reported, deployment: Deployment) -> Sequence[Ruling]:
    """An error and two warnings on one Deployment."""
    found: Sequence[Ruling] = reported(web=deployment(CUT)).found
    return found


def test_a_denial_lists_each_finding_with_its_remedy(rulings: Sequence[Ruling], expected: Expected) -> None:
    """As kubectl prints it: one screen for all that is wrong."""
    expected("admission/denial.txt", admission.denial(rulings, ["default"]) + "\n")


def test_warnings_are_one_line_each(rulings: Sequence[Ruling], expected: Expected) -> None:
    """The worst first; what was written and does nothing comes before them."""
    unread = Misread(Document({}), ("metadata", "annotations", "gracekeeper.dev/exempt"), "there is no rule x")
    expected("admission/warnings.txt", "\n".join(admission.warnings(rulings, [unread])) + "\n")


def test_the_last_warning_counts_the_rest(reported: Reported, deployment: Deployment) -> None:
    """None is lost without a word, and kubectl's screen is not flooded."""
    many = "containers:\n" + "".join(f"- {{name: c{number:02}, image: a}}\n" for number in range(20))
    lines = admission.warnings(reported(web=deployment(many)).found)
    assert len(lines) == admission.WARNINGS
    assert lines[14].startswith("limit-missing [c14]: ")
    assert lines[15] == "and 5 more findings: gracekeeper check tells them all"


def test_notes_are_no_warnings(rulings: Sequence[Ruling]) -> None:
    """A remark is not worth a line of somebody's terminal."""
    assert admission.warnings([]) == ()
    assert len(admission.warnings(rulings)) == 3


def test_machines_get_the_verdict_and_where_it_came_from(rulings: Sequence[Ruling]) -> None:
    """The audit event says it without anybody's sentences."""
    audit = admission.audit("deny", rulings[:1])
    assert audit["verdict"] == "deny"
    assert json.loads(audit["findings"]) == [
        {
            "rule": "too-short",
            "severity": "error",
            "mode": "enforce",
            "certainty": "proven",
            "container": "web",
            "path": "spec.template.spec.terminationGracePeriodSeconds",
        }
    ]
    assert admission.audit("allow", []) == {"verdict": "allow"}


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_warning_is_a_short_line_whatever_it_quotes(place: str, message: str) -> None:
    """HTTP headers carry it: no line breaks, no control characters, and not too long."""
    (line,) = admission.warnings([], [Misread(Document({}), (place,), message)])
    assert len(line) <= admission.WARNING_WIDTH
    assert not any(character < " " or character == "\x7f" for character in line)
